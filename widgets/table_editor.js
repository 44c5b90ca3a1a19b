// The table behind widgets.table_editor.TableEditor: plain inputs, painted from the model's rows and never rebuilt, so
// that the keyboard keeps its place while Python answers.

const ERRORS_SHOWN = 20; // a broken table of a thousand cells needs no thousand sentences
const YES = "yes";
const WIDTHS = { text: 124, choice: 166, number: 96, date: 112, flag: 92, fixed: 150 }; // pixels a column at least
const NARROW = 40; // of the row's number, and of the button that removes it
const FIRST_WORDS = 3; // headings that have to match before a pasted line is taken for a heading

let editors = 0;

const make = (tag, traits = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), traits);
  element.append(...children);
  return element;
};

const read = (input) => (input.type === "checkbox" ? (input.checked ? YES : "") : input.value);

function write(input, value) {
  if (input.type === "checkbox") {
    input.checked = value === YES;
    return;
  }
  if (input.tagName === "SELECT" && ![...input.options].some((option) => option.value === value)) {
    input.append(make("option", { value, textContent: value })); // what was typed elsewhere is shown, not lost
  }
  if (input.value !== value) input.value = value;
}

/** Cells of a block copied from a spreadsheet: lines of values between tabs, quoted where a value holds either. */
function block(text) {
  const lines = [[""]];
  let quoted = false;
  const source = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  for (let at = 0; at < source.length; at++) {
    const letter = source[at];
    const line = lines.at(-1);
    if (quoted && letter === '"' && source[at + 1] === '"') line[line.length - 1] += source[at++];
    else if (letter === '"' && (quoted || line.at(-1) === "")) quoted = !quoted;
    else if (letter === "\t" && !quoted) line.push("");
    else if (letter === "\n" && !quoted) lines.push([""]);
    else line[line.length - 1] += letter === "\n" ? " " : letter;
  }
  return lines.map((line) => line.map((cell) => cell.trim()));
}

/** What a column holds for a pasted text: the value of the choice that it names, or the text itself. */
function taken(column, text) {
  if (column.kind === "flag") return /^(yes|y|true|x|1)$/i.test(text) ? YES : "";
  if (column.kind !== "choice") return text;
  const same = (words) => words.toLowerCase() === text.toLowerCase();
  return column.choices.find(([value, words]) => same(value) || same(words))?.[0] ?? text;
}

function render({ model, el }) {
  const editor = ++editors;
  const columns = model.get("columns");
  const named = columns.findIndex((column) => column.kind === "fixed"); // names the row, in place of its number
  const inputs = []; // by row and column
  const touched = new WeakSet(); // typed into and not yet committed

  const head = make("tr");
  if (named < 0) head.append(make("th", { scope: "col", textContent: "#" }));
  for (const column of columns) {
    head.append(make("th", { scope: "col", textContent: column.label, className: `table-editor-${column.kind}` }));
  }
  const body = make("tbody");
  const widths = columns.map((column) => WIDTHS[column.kind]);
  if (named < 0) widths.unshift(NARROW);
  if (model.get("growing")) widths.push(NARROW);
  const group = make("colgroup");
  for (const width of widths) group.append(make("col", { style: `width: ${width}px` }));
  // A fixed layout: a browser would else measure thousands of inputs to place one.
  const table = make("table", {}, group, make("thead", {}, head), body);
  table.style.minWidth = `${widths.reduce((sum, width) => sum + width)}px`;
  table.setAttribute("aria-label", model.get("label"));
  const frame = make("div", { className: "table-editor-frame" }, table);
  const add = make("button", { type: "button", className: "table-editor-add", textContent: "Add a row" });
  const note = make("p");
  note.setAttribute("role", "status");
  const foot = make("div", { className: "table-editor-foot" }, add, note);
  const errors = make("ul", { className: "table-editor-errors" });
  errors.setAttribute("aria-live", "polite");
  const lists = columns.map((column, place) => suggestions(column, `table-editor-${editor}-list-${place}`));
  el.classList.add("table-editor");
  el.replaceChildren(frame, foot, errors, ...lists.filter(Boolean));

  const growing = () => model.get("growing");
  const readOnly = () => model.get("total") > model.get("most");
  const copied = () => model.get("rows").map((row) => [...row]);
  const rowName = (row) => (named < 0 ? `row ${row + 1}` : model.get("rows")[row][named]);

  function save(rows) {
    model.set("rows", rows);
    model.save_changes();
  }

  function commit(row, column, value) {
    const rows = copied();
    if (!rows[row] || rows[row][column] === value) return;
    rows[row][column] = value;
    save(rows);
  }

  function suggestions(column, id) {
    if (column.kind !== "text" || column.choices.length === 0) return null;
    const options = column.choices.map(([value, words]) => make("option", { value, label: words }));
    return make("datalist", { id }, ...options);
  }

  function cell(column, place) {
    if (column.kind === "flag") return make("input", { type: "checkbox" });
    if (column.kind === "choice") {
      const options = column.choices.map(([value, words]) => make("option", { value, textContent: words }));
      return make("select", {}, make("option", { value: "", textContent: "" }), ...options);
    }
    const input = make("input", { type: "text", autocomplete: "off", spellcheck: false, placeholder: column.example });
    if (column.kind === "number") input.inputMode = "decimal";
    if (lists[place]) input.setAttribute("list", lists[place].id);
    return input;
  }

  function addLine() {
    const row = inputs.length;
    const line = make("tr");
    if (named < 0) line.append(make("th", { scope: "row", textContent: row + 1 }));
    inputs.push(
      columns.map((column, place) => {
        const kind = `table-editor-${column.kind}`;
        if (column.kind === "fixed" || readOnly()) {
          const text = make(place === named ? "th" : "td", { className: `${kind} table-editor-fixed` });
          if (place === named) text.scope = "row";
          line.append(text);
          return text;
        }
        const input = cell(column, place);
        line.append(make("td", { className: kind }, input));
        return input;
      }),
    );
    if (growing() && !readOnly()) {
      const remove = make("button", { type: "button", className: "table-editor-remove", textContent: "×" });
      remove.setAttribute("aria-label", `Remove row ${row + 1}`);
      remove.title = "Remove this row";
      line.append(make("td", {}, remove));
    }
    body.append(line);
  }

  function paintRows() {
    const rows = model.get("rows");
    const shape = `${growing()} ${readOnly()}`;
    if (body.dataset.shape !== shape) {
      body.replaceChildren();
      inputs.length = 0;
      body.dataset.shape = shape;
      head.querySelector(".table-editor-act")?.remove();
      if (growing() && !readOnly()) {
        const act = make("th", { className: "table-editor-act" });
        act.setAttribute("aria-label", "Remove");
        head.append(act);
      }
    }
    while (inputs.length < rows.length) addLine();
    while (inputs.length > rows.length) {
      inputs.pop();
      body.lastElementChild.remove();
    }
    rows.forEach((row, place) => row.forEach((value, column) => paintCell(place, column, value)));
    add.hidden = !growing() || readOnly();
    note.textContent = readOnly()
      ? `${model.get("total").toLocaleString()} rows, of which the first ${rows.length} are shown: more than ` +
        `${model.get("most")} are not edited here. ${model.get("advice")}`
      : "";
  }

  function paintCell(row, place, value) {
    const input = inputs[row][place];
    const column = columns[place];
    if (input.tagName === "TH" || input.tagName === "TD") {
      const words = column.kind === "choice" ? column.choices.find((choice) => choice[0] === value)?.[1] : null;
      input.textContent = words ?? value;
      return;
    }
    input.setAttribute("aria-label", `${column.label}, ${rowName(row)}`);
    if (!touched.has(input) || input !== document.activeElement) write(input, value);
  }

  function paintErrors() {
    for (const input of body.querySelectorAll("[aria-invalid]")) {
      input.removeAttribute("aria-invalid");
      input.removeAttribute("aria-describedby");
    }
    for (const line of body.children) line.classList.remove("table-editor-wrong");
    const found = model.get("errors");
    const shown = found.slice(0, ERRORS_SHOWN).map((error, place) => {
      const item = make("li", { id: `table-editor-${editor}-error-${place}` });
      const column = columns.findIndex((known) => known.name === error.column);
      const cells = inputs[error.row];
      if (!cells) {
        item.append(make("span", { textContent: error.sentence }));
        return item;
      }
      const where = column < 0 ? "" : `, ${columns[column].label.toLowerCase()}`;
      const go = make("button", { type: "button", textContent: `Row ${error.row + 1}${where}: ${error.sentence}` });
      const target = cells[Math.max(column, 0)];
      go.addEventListener("click", () => target.focus());
      item.append(go);
      body.children[error.row].classList.add("table-editor-wrong");
      if (column >= 0) {
        target.setAttribute("aria-invalid", "true");
        target.setAttribute("aria-describedby", item.id);
      }
      return item;
    });
    if (found.length > shown.length) {
      shown.push(make("li", {}, make("span", { textContent: `And ${found.length - shown.length} more.` })));
    }
    errors.replaceChildren(...shown);
  }

  function placeOf(target) {
    const line = target.closest("tr");
    const row = line === null ? -1 : [...body.children].indexOf(line);
    return row < 0 ? null : { row, column: inputs[row].indexOf(target) };
  }

  body.addEventListener("input", (event) => touched.add(event.target));
  body.addEventListener("change", (event) => {
    const { row, column } = placeOf(event.target);
    touched.delete(event.target);
    commit(row, column, read(event.target));
  });
  body.addEventListener("focusout", (event) => touched.delete(event.target));

  body.addEventListener("keydown", (event) => {
    const { target, key } = event;
    if (target.tagName !== "INPUT") return;
    const { row, column } = placeOf(target);
    const step = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[key];
    if (key === "Escape") {
      write(target, model.get("rows")[row][column]);
      touched.delete(target);
    } else if (step !== undefined && !(target.list && key !== "Enter")) {
      event.preventDefault();
      const next = inputs[row + step]?.[column] ?? target;
      if (next === target) target.blur(); // commits, in the last row too
      next.focus();
      next.select?.();
    }
  });

  body.addEventListener("click", (event) => {
    if (!event.target.classList.contains("table-editor-remove")) return;
    const { row } = placeOf(event.target);
    save(model.get("rows").filter((_, place) => place !== row));
    const left = body.children[Math.min(row, body.children.length - 1)];
    (left?.querySelector(".table-editor-remove") ?? add).focus();
  });

  add.addEventListener("click", () => {
    const rows = copied();
    if (rows.length >= model.get("most")) {
      note.textContent = `At most ${model.get("most")} rows are edited here. ${model.get("advice")}`;
      return;
    }
    const above = rows.at(-1) ?? columns.map(() => "");
    save([...rows, columns.map((column, place) => (column.carried ? above[place] : ""))]);
    const fresh = columns.findIndex((column) => !column.carried);
    inputs.at(-1)[rows.length === 0 ? 0 : Math.max(fresh, 0)].focus();
  });

  body.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const start = placeOf(event.target);
    if (start === null || start.column < 0 || !/[\t\n]/.test(text.trimEnd())) return;
    event.preventDefault();
    let lines = block(text);
    const heading = lines[0].filter((words, place) => {
      const column = columns[start.column + place];
      return column && [column.name, column.label].some((name) => name.toLowerCase() === words.toLowerCase());
    });
    if (heading.length >= Math.min(FIRST_WORDS, lines[0].length)) lines = lines.slice(1);
    const rows = copied();
    const end = start.row + lines.length;
    if (growing() && end > model.get("most")) {
      note.textContent =
        `These ${lines.length} lines would make ${end} rows, and at most ${model.get("most")} are edited here. ` +
        model.get("advice");
      return;
    }
    while (growing() && rows.length < end) rows.push(columns.map(() => ""));
    lines.forEach((line, down) =>
      line.forEach((words, right) => {
        const column = columns[start.column + right];
        const row = rows[start.row + down];
        if (row && column && column.kind !== "fixed") row[start.column + right] = taken(column, words);
      }),
    );
    touched.delete(event.target);
    save(rows);
  });

  const paint = () => {
    paintRows();
    paintErrors();
  };
  paint();
  const heard = ["change:rows", "change:total", "change:growing"];
  for (const event of heard) model.on(event, paint);
  model.on("change:errors", paintErrors);
  return () => {
    for (const event of heard) model.off(event, paint);
    model.off("change:errors", paintErrors);
  };
}

export default { render };
