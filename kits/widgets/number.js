// A child's input method writes full-width digits and signs: they mean the same number.
function toNumber(text) {
  const half = text.trim().replace(/[！-～]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).replace(/[。]/g, ".").replace(/[－−—]/g, "-").replace(/\s/g, "");
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(half) ? Number(half) : null;
}

// What is odd about it, in words for the child; "" where it can be kept.
function odd(model, text) {
  const value = toNumber(text);
  const low = model.get("low"), high = model.get("high");
  const known = (bound) => bound !== null && bound !== undefined;
  if (!text.trim()) return "这里还是空的，先填一个数。";
  if (value === null) return `“${text.trim()}”不是一个数。只写数字，单位不用写。`;
  if (model.get("whole") && !Number.isInteger(value)) return "这里要填整数，没有小数点的。";
  if ((known(low) && value < low) || (known(high) && value > high)) {
    return known(low) && known(high) ? `这个数要在 ${low} 到 ${high} 之间。` : known(low) ? `这个数不会比 ${low} 小。` : `这个数不会比 ${high} 大。`;
  }
  return "";
}

function note(model, kind, icon, text, more = "") {
  const heading = haike.make("b", {}, haike.art(model, icon), haike.make("span", {}, text));
  return haike.make("div", { class: `hk-note ${kind}` }, haike.make("div", {}, heading, more));
}

export default {
  render({ model, el }) {
    const body = haike.open(model, el, "number");
    const unit = model.get("unit");
    const picks = model.get("pick");
    const question = haike.make("p", { class: "ask" });
    question.innerHTML = haike.html(model, model.get("question"));
    const top = haike.make("div", { class: "top" }, question);
    if (model.get("read_aloud")) top.append(haike.speaker(model, () => model.get("question")));
    const said = haike.make("div", { class: "reply", "aria-live": "polite" });
    const kept = (value) => said.replaceChildren(note(model, "", "i-ok", `已记下：${value}${unit ? ` ${unit}` : ""}`, picks.length ? "想改就再点一个。" : "想改就重新填。"));

    const face = picks.length ? makeKeys() : makeField();
    body.append(top, face.box, said);

    function keep(value) {
      record(model, value);
      face.show(value);
      kept(value);
    }

    function makeKeys() {
      const keys = picks.map((value) => haike.make("button", { type: "button", class: "key", "aria-pressed": "false", onclick: () => keep(value) }, String(value)));
      const box = haike.make("div", { class: "keys", role: "group", "aria-label": model.get("question") }, ...keys);
      if (unit) box.append(haike.make("span", { class: "unit" }, unit));
      return { box, show: (value) => keys.forEach((key, i) => key.setAttribute("aria-pressed", String(picks[i] === value))) };
    }

    function makeField() {
      const field = haike.make("input", { type: "text", inputmode: model.get("whole") ? "numeric" : "decimal", autocomplete: "off", maxlength: 24, "aria-label": model.get("question") });
      const enter = () => {
        const trouble = odd(model, field.value);
        field.toggleAttribute("aria-invalid", Boolean(trouble));
        if (trouble) said.replaceChildren(note(model, "hint", "i-bulb", "再看看", trouble));
        else keep(toNumber(field.value));
      };
      field.addEventListener("keydown", (e) => { if (e.key === "Enter" && !e.isComposing) enter(); });
      const button = haike.make("button", { type: "button", class: "hk-btn full", onclick: enter }, "记下");
      const box = haike.make("div", { class: "field" }, field, ...(unit ? [haike.make("span", { class: "unit" }, unit)] : []), button);
      return { box, show: (value) => { field.value = String(value); } };
    }

    const restore = () => {
      const value = model.get("saved");
      if (typeof value !== "number") return;
      face.show(value);
      kept(value);
    };
    restore();
    model.on("change:saved", restore);
    return () => model.off("change:saved", restore);
  },
};
