const MARKS = "甲乙丙丁戊己庚辛";

function restored(model) {
  const saved = model.get("saved");
  const options = model.get("options");
  if (!saved || typeof saved !== "object") return -1;
  const same = options.findIndex((option) => option.text === saved.text); // the order may have changed since
  return same >= 0 ? same : -1;
}

// What `answer` says to the option that was tapped; a graded choice has no answers and only says that it is kept.
function reply(model, answer) {
  const words = (text, ruby) => { const p = haike.make("p"); p.innerHTML = ruby || haike.html(model, text); return p; };
  const heading = (icon, text) => { const b = haike.make("b"); b.innerHTML = `<span>${haike.html(model, text)}</span>`; b.prepend(haike.art(model, icon)); return b; };
  if (!answer) {
    return haike.make("div", { class: "hk-note" }, haike.make("div", {}, heading("i-ok", "已记下"), words("想改就再点一个。")));
  }
  const head = answer.right ? heading("i-ok", "对了") : heading("i-bulb", "再想想");
  const who = haike.art(model, answer.right ? "hui-happy" : "hui-think", "who");
  return haike.make("div", { class: `hk-note ${answer.right ? "good" : "hint"}` }, who, haike.make("div", {}, head, words(answer.hint, answer.ruby)));
}

export default {
  render({ model, el }) {
    const options = model.get("options");
    const answers = haike.unseal(model.get("replies")) || [];
    const ruby = Object.keys(model.get("ruby") || {}).length > 0;
    const body = haike.open(model, el, "choice", { child: ruby });
    const question = haike.make("p", { class: "ask" });
    question.innerHTML = haike.html(model, model.get("question"));
    const top = haike.make("div", { class: "top" }, question);
    if (model.get("read_aloud")) {
      top.append(haike.speaker(model, () => [model.get("question"), ...options.map((o, i) => `${MARKS[i]}，${o.text}`)].join("。")));
    }
    const list = haike.make("div", { class: options.every((option) => option.text.length <= 4) ? "opts short" : "opts", role: "group", "aria-label": model.get("question") });
    const said = haike.make("div", { class: "reply", "aria-live": "polite" });
    let chosen = -1;

    const buttons = options.map((option, i) => {
      const text = haike.make("span", { class: "txt" });
      text.innerHTML = haike.html(model, option.text);
      const mark = haike.make("i", { "aria-hidden": "true" }, MARKS[i]);
      return haike.make("button", { type: "button", class: "opt", "aria-pressed": "false", onclick: () => choose(i) }, mark, text);
    });
    list.append(...buttons);
    list.addEventListener("keydown", (e) => {
      const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[e.key];
      const at = buttons.indexOf(e.target.closest(".opt"));
      if (!step || at < 0) return;
      e.preventDefault();
      buttons[(at + step + buttons.length) % buttons.length].focus();
    });
    body.append(top, list, said);

    function show(index) {
      if (index === chosen) return;
      chosen = index;
      buttons.forEach((b, i) => {
        b.setAttribute("aria-pressed", String(i === index));
        b.classList.toggle("good", i === index && answers[i]?.right === true);
        b.classList.toggle("hint", i === index && answers[i]?.right === false);
      });
      said.replaceChildren(...(index < 0 ? [] : [reply(model, answers[index])]));
    }
    function choose(index) {
      if (index !== chosen) record(model, { index, text: options[index].text });
      show(index);
    }
    show(restored(model));
    const again = () => { if (restored(model) >= 0) show(restored(model)); };
    model.on("change:saved", again);
    return () => model.off("change:saved", again);
  },
};
