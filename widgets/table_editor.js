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

/** The suggestions for a text column, to hang beside the table; null where there are none. */
function suggestions(column, id) {
  if (column.kind !== "text" || column.choices.length === 0) return null;
  return make("datalist", { id }, ...column.choices.map(([value, words]) => make("option", { value, label: words })));
}

/** An input for a column's cells. */
function inputFor(column, list) {
  if (column.kind === "flag") return make("input", { type: "checkbox" });
  if (column.kind === "choice") {
    const options = column.choices.map(([value, words]) => make("option", { value, textContent: words }));
    return make("select", {}, make("option", { value: "", textContent: "" }), ...options);
  }
  const input = make("input", { type: "text", autocomplete: "off", spellcheck: false, placeholder: column.example });
  if (column.kind === "number") input.inputMode = "decimal";
  if (list) input.setAttribute("list", list.id);
  return input;
}

class Editor {
  constructor(model, el) {
    this.model = model;
    this.name = `table-editor-${++editors}`;
    this.columns = model.get("columns");
    this.named = this.columns.findIndex((column) => column.kind === "fixed"); // names the row, in place of its number
    this.inputs = []; // by row and column
    this.touched = new WeakSet(); // typed into and not yet committed
    this.lists = this.columns.map((column, place) => suggestions(column, `${this.name}-list-${place}`));
    this.body = make("tbody");
    this.add = make("button", { type: "button", className: "table-editor-add", textContent: "Add a row" });
    this.note = make("p");
    this.note.setAttribute("role", "status");
    this.errors = make("ul", { className: "table-editor-errors" });
    this.errors.setAttribute("aria-live", "polite");
    el.classList.add("table-editor");
    el.replaceChildren(
      make("div", { className: "table-editor-frame" }, this.table()),
      make("div", { className: "table-editor-foot" }, this.add, this.note),
      this.errors,
      ...this.lists.filter(Boolean),
    );
    this.listen();
  }

  get growing() {
    return this.model.get("growing");
  }

  get readOnly() {
    return this.model.get("total") > this.model.get("most");
  }

  get rows() {
    return this.model.get("rows");
  }

  copied() {
    return this.rows.map((row) => [...row]);
  }

  save(rows) {
    this.model.set({ rows });
    this.model.send({ rows, seen: this.model.get("revision") });
  }

  commit(row, column, value) {
    const rows = this.copied();
    if (!rows[row] || rows[row][column] === value) return;
    rows[row][column] = value;
    this.save(rows);
  }

  say(sentence) {
    this.note.textContent = `${sentence} ${this.model.get("advice")}`;
  }

  // What stands on the page

  /** The table with its columns' widths: a browser would else measure thousands of inputs to place one. */
  table() {
    const widths = this.columns.map((column) => WIDTHS[column.kind]);
    const head = make("tr");
    if (this.named < 0) {
      widths.unshift(NARROW);
      head.append(make("th", { scope: "col", textContent: "#" }));
    }
    for (const column of this.columns) {
      head.append(make("th", { scope: "col", textContent: column.label, className: `table-editor-${column.kind}` }));
    }
    if (this.growing) {
      widths.push(NARROW);
      head.append(make("td"));
    }
    const group = make("colgroup", {}, ...widths.map((width) => make("col", { style: `width: ${width}px` })));
    const table = make("table", {}, group, make("thead", {}, head), this.body);
    table.style.minWidth = `${widths.reduce((sum, width) => sum + width)}px`;
    table.setAttribute("aria-label", this.model.get("label"));
    return table;
  }

  addLine() {
    const number = this.inputs.length + 1;
    const line = make("tr");
    if (this.named < 0) line.append(make("th", { scope: "row", textContent: number }));
    this.inputs.push(
      this.columns.map((column, place) => {
        const className = `table-editor-${column.kind}`;
        if (column.kind === "fixed" || this.readOnly) {
          const text = make(place === this.named ? "th" : "td", { className: `${className} table-editor-fixed` });
          if (place === this.named) text.scope = "row";
          line.append(text);
          return text;
        }
        const input = inputFor(column, this.lists[place]);
        line.append(make("td", { className }, input));
        return input;
      }),
    );
    if (this.growing) line.append(make("td", {}, ...(this.readOnly ? [] : [this.removeButton(number)])));
    this.body.append(line);
  }

  removeButton(number) {
    const remove = make("button", { type: "button", className: "table-editor-remove", textContent: "×" });
    remove.setAttribute("aria-label", `Remove row ${number}`);
    remove.title = "Remove this row";
    return remove;
  }

  paint() {
    this.paintRows();
    this.paintErrors();
  }

  paintRows() {
    const { rows, body, inputs } = this;
    if (this.shownReadOnly !== this.readOnly) {
      this.shownReadOnly = this.readOnly;
      body.replaceChildren();
      inputs.length = 0;
    }
    while (inputs.length < rows.length) this.addLine();
    while (inputs.length > rows.length) {
      inputs.pop();
      body.lastElementChild.remove();
    }
    rows.forEach((row, place) => row.forEach((value, column) => this.paintCell(place, column, value)));
    this.add.hidden = !this.growing || this.readOnly;
    this.note.textContent = "";
    if (this.readOnly) {
      const total = this.model.get("total").toLocaleString();
      const most = this.model.get("most");
      this.say(`${total} rows, of which the first ${rows.length} are shown: more than ${most} are not edited here.`);
    }
  }

  paintCell(row, place, value) {
    const input = this.inputs[row][place];
    const column = this.columns[place];
    if (input.tagName === "TH" || input.tagName === "TD") {
      const words = column.kind === "choice" ? column.choices.find((choice) => choice[0] === value)?.[1] : null;
      input.textContent = words ?? value;
      return;
    }
    const name = this.named < 0 ? `row ${row + 1}` : this.rows[row][this.named];
    input.setAttribute("aria-label", `${column.label}, ${name}`);
    if (!this.touched.has(input) || input !== document.activeElement) write(input, value);
  }

  paintErrors() {
    for (const input of this.body.querySelectorAll("[aria-invalid]")) {
      input.removeAttribute("aria-invalid");
      input.removeAttribute("aria-describedby");
    }
    for (const line of this.body.children) line.classList.remove("table-editor-wrong");
    const found = this.model.get("errors");
    const shown = found.slice(0, ERRORS_SHOWN).map((error, place) => this.errorItem(error, place));
    if (found.length > shown.length) {
      shown.push(make("li", {}, make("span", { textContent: `And ${found.length - shown.length} more.` })));
    }
    this.errors.replaceChildren(...shown);
  }

  /** An error in the list below the table, which leads to its cell where it has one. */
  errorItem(error, place) {
    const item = make("li", { id: `${this.name}-error-${place}` });
    const column = this.columns.findIndex((known) => known.name === error.column);
    const cells = this.inputs[error.row];
    if (!cells) {
      item.append(make("span", { textContent: error.sentence }));
      return item;
    }
    const where = column < 0 ? "" : `, ${this.columns[column].label.toLowerCase()}`;
    const go = make("button", { type: "button", textContent: `Row ${error.row + 1}${where}: ${error.sentence}` });
    const target = cells[Math.max(column, 0)];
    go.addEventListener("click", () => target.focus());
    item.append(go);
    this.body.children[error.row].classList.add("table-editor-wrong");
    if (column >= 0) {
      target.setAttribute("aria-invalid", "true");
      target.setAttribute("aria-describedby", item.id);
    }
    return item;
  }

  // What the reader does

  listen() {
    const { body, touched } = this;
    body.addEventListener("input", (event) => touched.add(event.target));
    body.addEventListener("change", (event) => {
      const { row, column } = this.placeOf(event.target);
      touched.delete(event.target);
      this.commit(row, column, read(event.target));
    });
    body.addEventListener("focusout", (event) => touched.delete(event.target));
    body.addEventListener("keydown", (event) => this.pressed(event));
    body.addEventListener("paste", (event) => this.pasted(event));
    body.addEventListener("click", (event) => {
      if (event.target.classList.contains("table-editor-remove")) this.removeRow(this.placeOf(event.target).row);
    });
    this.add.addEventListener("click", () => this.addRow());
  }

  placeOf(target) {
    const line = target.closest("tr");
    const row = line === null ? -1 : [...this.body.children].indexOf(line);
    return row < 0 ? null : { row, column: this.inputs[row].indexOf(target) };
  }

  pressed(event) {
    const { target, key } = event;
    if (target.tagName !== "INPUT") return;
    const { row, column } = this.placeOf(target);
    const step = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[key];
    if (key === "Escape") {
      write(target, this.rows[row][column]);
      this.touched.delete(target);
    } else if (step !== undefined && !(target.list && key !== "Enter")) {
      event.preventDefault();
      const next = this.inputs[row + step]?.[column] ?? target;
      if (next === target) target.blur(); // commits, in the last row too
      next.focus();
      next.select?.();
    }
  }

  removeRow(row) {
    this.save(this.rows.filter((_, place) => place !== row));
    const left = this.body.children[Math.min(row, this.body.children.length - 1)];
    (left?.querySelector(".table-editor-remove") ?? this.add).focus();
  }

  addRow() {
    const rows = this.copied();
    if (rows.length >= this.model.get("most")) {
      this.say(`At most ${this.model.get("most")} rows are edited here.`);
      return;
    }
    const above = rows.at(-1) ?? this.columns.map(() => "");
    this.save([...rows, this.columns.map((column, place) => (column.carried ? above[place] : ""))]);
    const fresh = this.columns.findIndex((column) => !column.carried);
    this.inputs.at(-1)[rows.length === 0 ? 0 : Math.max(fresh, 0)].focus();
  }

  pasted(event) {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const start = this.placeOf(event.target);
    if (start === null || start.column < 0 || !/[\t\n]/.test(text.trimEnd())) return;
    event.preventDefault();
    let lines = block(text);
    if (this.isHeading(lines[0], start.column)) lines = lines.slice(1);
    const rows = this.copied();
    const end = start.row + lines.length;
    const most = this.model.get("most");
    if (this.growing && end > most) {
      this.say(`These ${lines.length} lines would make ${end} rows, more than the ${most} that are edited here.`);
      return;
    }
    while (this.growing && rows.length < end) rows.push(this.columns.map(() => ""));
    lines.forEach((line, down) =>
      line.forEach((words, right) => {
        const column = this.columns[start.column + right];
        const row = rows[start.row + down];
        if (row && column && column.kind !== "fixed") row[start.column + right] = taken(column, words);
      }),
    );
    this.touched.delete(event.target);
    this.save(rows);
  }

  /** Whether a pasted line names the columns that it is pasted into. */
  isHeading(line, start) {
    const same = line.filter((words, place) => {
      const column = this.columns[start + place];
      return column && [column.name, column.label].some((name) => name.toLowerCase() === words.toLowerCase());
    });
    return same.length >= Math.min(FIRST_WORDS, line.length);
  }
}

function render({ model, el }) {
  const editor = new Editor(model, el);
  const paint = () => editor.paint();
  const paintErrors = () => editor.paintErrors();
  paint();
  const heard = ["change:rows", "change:total"];
  for (const event of heard) model.on(event, paint);
  model.on("change:errors", paintErrors);
  return () => {
    for (const event of heard) model.off(event, paint);
    model.off("change:errors", paintErrors);
  };
}

export default { render };
