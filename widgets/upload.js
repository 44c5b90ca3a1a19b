// The button behind widgets.upload: it asks for a file and sends its name and bytes to Python.

function render({ model, el }) {
  const button = document.createElement("button");
  const input = document.createElement("input");
  const note = document.createElement("p");
  button.type = "button";
  button.className = "jupyter-button widget-button upload-button";
  button.textContent = model.get("label");
  input.type = "file";
  input.accept = model.get("accept");
  input.hidden = true;
  note.className = "upload-note";
  note.setAttribute("role", "alert");
  note.hidden = true;
  const say = (sentence) => {
    note.textContent = sentence;
    note.hidden = sentence === "";
  };
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    say("");
    if (file.size > model.get("most_bytes")) {
      say(`${file.name} is larger than the ${Math.round(model.get("most_bytes") / 1e6)} MB that are read.`);
    } else {
      button.disabled = true;
      model.send({ type: "file", name: file.name }, undefined, [await file.arrayBuffer()]);
    }
    input.value = ""; // the same file can be chosen again
  });
  const hear = (message) => {
    button.disabled = false;
    say(message.problem ?? "");
  };
  el.replaceChildren(button, input, note);
  model.on("msg:custom", hear);
  return () => model.off("msg:custom", hear);
}

export default { render };
