// A question: options to choose from, or a number to type. Put behind answering.js.

function render({ model, el }) {
  const root = el.appendChild(document.createElement("div"));
  const name = `question-${Math.random().toString(36).slice(2)}`; // every widget has a module of its own: no counting
  const make = (tag, parent, text = "") => {
    const made = parent.appendChild(document.createElement(tag));
    made.textContent = text;
    return made;
  };
  const question = make("p", root, model.get("question")), options = model.get("options");
  question.className = "question";
  question.id = name;
  const controls = make("div", root);
  controls.addEventListener("keydown", (event) => event.stopPropagation()); // or the notebook takes Enter and arrows
  const show = options.length ? choices(controls) : number(controls);
  const said = make("p", root);
  said.className = "said";
  said.setAttribute("role", "status");
  const ask = answering(model, root);

  function answer(value) {
    model.set("answer", value);
    model.save_changes();
    ask();
  }

  function choices(group) {
    group.setAttribute("role", "radiogroup");
    group.setAttribute("aria-labelledby", name);
    const buttons = options.map((option, place) => {
      const label = make("label", group), button = make("input", label);
      make("span", label, option);
      Object.assign(button, { type: "radio", name: `${name}-options` });
      button.addEventListener("change", () => answer(place));
      return button;
    });
    return () => buttons.forEach((button, place) => { button.checked = place === model.get("answer"); });
  }

  function number(place) {
    const low = model.get("low"), high = model.get("high"), unit = model.get("unit");
    const field = make("input", place), range = make("span", place, ` ${unit}${unit ? ", " : ""}from ${low} to ${high}`);
    range.id = `${name}-range`;
    Object.assign(field, { id: `${name}-field`, type: "number", min: low, max: high, step: "any" });
    const label = document.createElement("label");
    label.htmlFor = field.id;
    label.append(...question.childNodes);
    question.append(label);
    field.setAttribute("aria-describedby", range.id);
    field.addEventListener("change", () => {
      const value = field.valueAsNumber, right = low <= value && value <= high;
      field.setAttribute("aria-invalid", !right);
      if (right) answer(value);
      else said.textContent = `A number from ${low} to ${high} is wanted.`;
    });
    return () => { field.value = model.get("answer") ?? ""; };
  }

  function update() {
    show();
    said.textContent = model.get("said");
  }
  model.on("change:answer change:said", update);
  update();
  return () => model.off("change:answer change:said", update);
}

export default { render };
