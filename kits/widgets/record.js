// Put in front of every widget's own file; both make one ES module. Names taken here: record, haike.

// Report what the child did. The host (the kernel through base.py, or host.js on a page) adds lesson and exercise
// and keeps it in the answers.json format. Returns the event.
function record(model, value, { step = null, seconds, mode = "屏幕", mistake = null, point = null } = {}) {
  const past = haike.past(model);
  const now = Math.max(Date.now(), past.last + 1); // every event of a widget has a time of its own
  if (seconds === undefined) seconds = Math.min(86400, Math.round((now - past.since) / 100) / 10);
  const event = { step, point, exercise: model.get("exercise") || "", value, mistake, seconds, mode, at: new Date(now).toISOString() };
  // While a kernel is busy the browser merges messages and only the last one arrives: the few before it travel along.
  let earlier = past.events.slice(-8);
  if (JSON.stringify(earlier).length > 60000) earlier = [];
  past.events = [...earlier, event];
  past.last = past.since = now;
  model.set("event", { ...event, earlier });
  model.save_changes();
  return event;
}

const haike = {
  // What one model has reported since its page was opened.
  pasts: new WeakMap(),
  past(model) {
    if (!haike.pasts.has(model)) haike.pasts.set(model, { events: [], since: Date.now(), last: 0 });
    return haike.pasts.get(model);
  },

  // The root of a widget: call it first in render. Lab's shortcuts (dd deletes a cell!) stay outside.
  open(model, el, name, { child = false } = {}) {
    haike.past(model);
    const root = haike.make("section", { class: `hk hk-${name}${child ? " hk-child" : ""}`, lang: "zh-CN", "data-lm-suppress-shortcuts": "true" });
    const trouble = haike.make("p", { class: "hk-trouble", role: "alert" });
    const body = haike.make("div", { class: "hk-body" });
    const tell = () => { trouble.textContent = model.get("trouble") || ""; };
    root.append(body, trouble);
    root.addEventListener("keydown", (e) => e.stopPropagation());
    model.on("change:trouble", tell);
    tell();
    el.append(root);
    return body;
  },

  make(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else if (value !== null && value !== false) node.setAttribute(key, value === true ? "" : value);
    }
    node.append(...children);
    return node;
  },

  // Text of a lesson as HTML: its ruby where the model has one, else escaped, with **bold** and `code`.
  html(model, text) {
    const ruby = model.get("ruby") || {};
    if (ruby[text]) return ruby[text];
    const safe = String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
    return safe.replace(/\*\*(.+?)\*\*/g, "<b>$1</b>").replace(/`(.+?)`/g, "<code>$1</code>");
  },

  // What kits/questions.py has sealed: base64 of JSON. Nothing where nothing was sealed.
  unseal(text) {
    return text ? JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)))) : null;
  },

  // A drawing of the cast, by the name it has in the model's `art`.
  art(model, name, className = "") {
    const holder = document.createElement("template");
    holder.innerHTML = (model.get("art") || {})[name] || "";
    const svg = holder.content.firstElementChild;
    if (!svg) return document.createTextNode("");
    if (className) svg.setAttribute("class", className);
    return svg;
  },

  // A machine without a Chinese voice stays silent and says nothing about it.
  speak(text) {
    try {
      speechSynthesis.cancel();
      const words = new SpeechSynthesisUtterance(String(text).replace(/\*\*|`/g, ""));
      words.lang = "zh-CN";
      words.rate = 0.8;
      speechSynthesis.speak(words);
    } catch (silence) { /* nothing to hear */ }
  },

  speaker(model, text) {
    return haike.make("button", { type: "button", class: "hk-round", "aria-label": "读给我听", title: "读给我听", onclick: () => haike.speak(typeof text === "function" ? text() : text) }, haike.art(model, "i-speak"));
  },
};
