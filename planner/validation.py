"""Documents a person fills in: frozen, closed to unknown fields, and with errors in words."""

from __future__ import annotations

from difflib import get_close_matches
from operator import index
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, Self, TypeVar, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from planner.errors import InputError

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

SENTENCES_SHOWN = 5  # a broken document of ten thousand fields needs no ten thousand sentences
NAMES_SHOWN = 12  # of missing fields
LETTERS_SHOWN = 40  # of a value that somebody else typed

_WANTED = {
    "finite_number": "it must be a finite number",
    "float_type": "it must be a number",
    "float_parsing": "it must be a number",
    "int_type": "it must be a whole number",
    "int_parsing": "it must be a whole number",
    "int_from_float": "it must be a whole number",
    "string_type": "it must be text",
    "mapping_type": "it must be a mapping of names to values",
    "dict_type": "it must be a mapping of names to values",
    "model_type": "it must be an object with named fields",
    "model_attributes_type": "it must be an object with named fields",
    "dataclass_type": "it must be an object with named fields",
}
_UNKNOWN = frozenset({"extra_forbidden", "unexpected_keyword_argument"})
_BOUNDS = frozenset({"greater_than", "greater_than_equal", "less_than", "less_than_equal"})


class Document(BaseModel):
    """A frozen pydantic model whose constructors raise InputError in words instead of ValidationError.

    Unknown fields, NaN and infinities are refused. Nested documents report through the outermost one; the
    ValidationError stays reachable as the ``__cause__`` of the InputError.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise InputError(in_words(error, type(self))) from error

    # Pydantic's mark of an __init__ that only validates: documents inside documents then validate in place and
    # their errors keep the whole path to the field.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:
        """Make the document from a mapping, with pydantic's options; errors are InputErrors in words."""
        try:
            return super().model_validate(obj, **options)
        except ValidationError as error:
            raise InputError(in_words(error, cls)) from error

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **options: Any) -> Self:
        """Make the document from JSON, with pydantic's options; errors are InputErrors in words."""
        try:
            return super().model_validate_json(json_data, **options)
        except ValidationError as error:
            raise InputError(in_words(error, cls)) from error

    def with_changes(self, **changes: Any) -> Self:
        """Copy with some fields changed, validated anew (``model_copy`` would not validate)."""
        return type(self)(**{name: getattr(self, name) for name in type(self).model_fields} | changes)


def _plain_number(value: object) -> object:
    if isinstance(value, bool | str | bytes):
        raise PydanticCustomError("float_type", "a number is wanted")
    return value


def _whole_number(value: object) -> object:
    if isinstance(value, bool | str | bytes):
        raise PydanticCustomError("int_type", "a whole number is wanted")
    return index(value) if hasattr(value, "__index__") else value


Number = Annotated[float, BeforeValidator(_plain_number)]
"""A finite number; neither a truth value nor text that looks like one."""

WholeNumber = Annotated[int, BeforeValidator(_whole_number)]
"""A whole number; neither a truth value nor text that looks like one."""

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 in hex."""

K = TypeVar("K")
V = TypeVar("V")


class FrozenDict(dict[K, V]):
    """A dict that cannot change, so that a document holding it stays frozen, hashable and picklable."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[type[Self], tuple[dict[K, V]]]:
        return type(self), (dict(self),)

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("This mapping is frozen: make a changed copy instead.")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse


Frozen = AfterValidator(FrozenDict)
"""Annotation that freezes a validated mapping: ``Annotated[dict[str, Number], Frozen]``."""


def in_words(error: ValidationError, model: type[BaseModel] | None = None) -> str:
    """Say a ValidationError in sentences for people.

    ``model`` is the model that was validated: it lends its fields' titles and bounds to the sentences.
    """
    details = error.errors(include_url=False)
    missing = [_Place(detail["loc"], model).label for detail in details if detail["type"] == "missing"]
    others = [detail for detail in details if detail["type"] != "missing"]
    sentences = [_sentence(detail, model) for detail in others[:SENTENCES_SHOWN]]
    if missing:
        sentences.append(f"Add what is missing: {', '.join(missing[:NAMES_SHOWN])}.")
    if len(others) > SENTENCES_SHOWN or len(missing) > NAMES_SHOWN:
        sentences.append(f"There are {len(details)} problems in all.")
    return " ".join(sentences)


def _sentence(detail: ErrorDetails, model: type[BaseModel] | None) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    place = _Place(detail["loc"], model)
    if kind == "value_error":
        text = str(context["error"])
        return f"{place.label}: {text}" if place.has_keys else text
    if kind in _UNKNOWN:
        return place.unknown_field()
    if kind == "json_invalid":
        return f"This is not valid JSON ({context['error']}): check the file."
    if kind in _BOUNDS:
        wanted = f"it must be {place.bounds(context)}"
    elif kind == "enum":
        wanted = f"it must be {context['expected']}"
    else:
        wanted = _WANTED.get(kind) or detail["msg"][:1].lower() + detail["msg"][1:]
    return f"{place.label} is {_shown(detail['input'])}: {wanted}."


class _Place:
    """Where an error arose: the path of fields and keys, with what the models say about the last field."""

    def __init__(self, path: tuple[int | str, ...], model: type[BaseModel] | None) -> None:
        self.names: list[str] = []
        self.field: FieldInfo | None = None
        self.model = model
        self.has_keys = False
        for step in path:
            self.field = self.model.model_fields.get(str(step)) if self.model else None
            if self.field:
                self.names.append(self.field.title or str(step).replace("_", " "))
                self.model = _model_in(self.field.annotation)
            else:
                self.has_keys = self.has_keys or model is not None
                self.names.append(_cut(str(step).replace("_", " ")))
        self.last = str(path[-1]) if path else ""

    @property
    def label(self) -> str:
        if not self.names:
            return "The document"
        *outer, name = self.names
        name = name[:1].upper() + name[1:]
        return f"{name} (in {', '.join(part.lower() for part in outer)})" if outer else name

    def unknown_field(self) -> str:
        where = f" in {', '.join(name.lower() for name in self.names[:-1])}" if self.names[1:] else ""
        known = list(self.model.model_fields) if self.model else []
        close = get_close_matches(self.last, known, n=1)
        remedy = f"did you mean '{close[0]}'?" if close else "remove it."
        return f"There is no field '{_cut(self.last)}'{where}: {remedy}"

    def bounds(self, context: dict[str, Any]) -> str:
        known = dict(context)
        for rule in self.field.metadata if self.field else ():
            known |= {name: getattr(rule, name) for name in ("ge", "gt", "le", "lt") if hasattr(rule, name)}
        if "ge" in known and "le" in known:
            return f"between {_shown(known['ge'])} and {_shown(known['le'])}"
        words = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
        return " and ".join(f"{words[name]} {_shown(known[name])}" for name in words if name in known)


def _model_in(annotation: object) -> type[BaseModel] | None:
    """Find the model of a nested field, also inside ``X | None``, ``tuple[X, ...]`` or ``dict[str, X]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)


def _cut(text: str) -> str:
    return text if len(text) <= LETTERS_SHOWN else f"{text[:LETTERS_SHOWN]}..."


def _shown(value: object) -> str:
    if value is None:
        return "empty"
    if isinstance(value, float):
        return f"{value:,.15g}"
    if isinstance(value, int) and not isinstance(value, bool):
        return _cut(f"{value:,}")
    return _cut(repr(value))
