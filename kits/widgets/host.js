// Gives a widget on a page without a kernel what the kernel gives it elsewhere: a model, and a record of what was done.
// A classic script: it runs from file://, where browsers refuse module files and fetch. One global name: haikeHost.
"use strict";
if (!window.haikeHost) {
  const VERSION = 1;
  const MAX_EVENTS = 5000;
  const MAX_VALUE = 64 * 1024;
  const KEYS = ["lesson", "step", "point", "exercise", "value", "mistake", "seconds", "mode", "at"];
  const NEWER = "这台电脑上的记录是更新版的海课写的，没有动它；这一页做的暂时不记。";
  const FULL = "浏览器里存满了，这一次没有存上，以前的都还在。请先保存记录，再清理一下。";

  // ---- the record: answers.json of one lesson, kept in the browser ----

  const memory = new Map(); // where the browser keeps nothing (private mode, a strict school policy)
  const keyOf = (lesson) => `haike:answers:${lesson}`;

  function readText(key) {
    try { return window.localStorage.getItem(key) ?? memory.get(key) ?? null; } catch (blocked) { return memory.get(key) ?? null; }
  }

  // False where the browser has a store but no room in it.
  function writeText(key, text) {
    let store;
    try { store = window.localStorage; store.length; } catch (blocked) { memory.set(key, text); return true; }
    try { store.setItem(key, text); memory.delete(key); return true; } catch (full) { return false; }
  }

  function load(lesson) {
    const text = readText(keyOf(lesson));
    if (text === null) return { version: VERSION, events: [] };
    let found = null;
    try { found = JSON.parse(text); } catch (damaged) { /* set aside below */ }
    if (found && typeof found.version === "number" && found.version > VERSION) return { version: found.version, events: [], newer: true };
    if (found && found.version === VERSION && Array.isArray(found.events)) return found;
    writeText(`${keyOf(lesson)}:damaged-${Date.now()}`, text);
    return { version: VERSION, events: [] };
  }

  // Too many: the oldest earlier tries go, the newest answer of each exercise stays (as answers.py does).
  function thin(events, limit) {
    const newest = new Map(events.map((event, i) => [event.exercise, i]));
    let extra = events.length - limit;
    return events.filter((event, i) => !(extra > 0 && newest.get(event.exercise) !== i && extra--));
  }

  function append(lesson, event) {
    const full = {};
    for (const key of KEYS) full[key] = event[key] ?? null;
    full.lesson = lesson;
    if (!full.exercise) return "";
    if (new Blob([JSON.stringify(full.value)]).size > MAX_VALUE) return "这个回答太大了，没有存上。";
    const found = load(lesson); // read again each time: another tab may have written
    if (found.newer) return NEWER;
    let events = thin([...found.events, full], MAX_EVENTS);
    while (!writeText(keyOf(lesson), JSON.stringify({ version: VERSION, events }))) {
      const fewer = thin(events, Math.floor(events.length / 2));
      if (fewer.length === events.length) return FULL;
      events = fewer;
    }
    return "";
  }

  function last(lesson, exercise) {
    if (!exercise) return null;
    const mine = load(lesson).events.filter((event) => event && event.exercise === exercise);
    return mine.length ? mine[mine.length - 1].value : null;
  }

  // The same file a notebook keeps: a pupil can hand it in.
  function download(lesson) {
    const text = JSON.stringify({ version: VERSION, events: load(lesson).events }, null, 1);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = "answers.json";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  // ---- the model: anywidget's, without a kernel ----

  function makeModel(state, report) {
    const values = { ...state };
    const listeners = new Map();
    const changed = new Set();
    const tell = (name, ...what) => [...(listeners.get(name) || [])].forEach((callback) => callback(...what));
    const model = {
      get: (key) => values[key],
      set(key, value) {
        if (values[key] === value) return;
        values[key] = value;
        changed.add(key);
        tell(`change:${key}`, model, value);
        tell("change", model);
      },
      save_changes() {
        const reported = changed.has("event");
        changed.clear();
        if (reported) report(values.event);
      },
      on(names, callback) {
        for (const name of names.split(" ")) listeners.set(name, [...(listeners.get(name) || []), callback]);
      },
      off(names, callback) {
        if (!names) return listeners.clear();
        for (const name of names.split(" ")) listeners.set(name, callback ? (listeners.get(name) || []).filter((known) => known !== callback) : []);
      },
      send() {},
      widget_manager: {},
    };
    return model;
  }

  // ---- the page ----

  const modules = new Map();

  function load_module(name) {
    if (!modules.has(name)) {
      const holder = [...document.querySelectorAll("script.haike-module")].find((script) => script.dataset.name === name);
      if (!holder) return Promise.reject(new Error(`no module ${name} in this page`));
      const url = URL.createObjectURL(new Blob([JSON.parse(holder.textContent)], { type: "text/javascript" }));
      modules.set(name, import(url).then(async (module) => {
        URL.revokeObjectURL(url);
        return typeof module.default === "function" ? module.default() : module.default;
      }));
    }
    return modules.get(name);
  }

  function lessonOf(place) {
    const named = place.closest("[data-lesson]");
    if (named && named.dataset.lesson) return named.dataset.lesson;
    return decodeURIComponent(location.pathname.split("/").pop() || "").replace(/\.html?$/, "").slice(0, 120) || "page";
  }

  async function start(place) {
    if (place.dataset.haike) return;
    place.dataset.haike = "starting";
    const lesson = lessonOf(place);
    const fallback = place.querySelector(".haike-fallback");
    try {
      const state = JSON.parse(place.querySelector("script[type='application/json']").textContent);
      state.event = {};
      state.saved = last(lesson, state.exercise);
      state.trouble = state.exercise && load(lesson).newer ? NEWER : "";
      const model = makeModel(state, (event) => {
        const trouble = append(lesson, event);
        model.set("trouble", trouble);
        if (!trouble && event.exercise) model.set("saved", event.value);
      });
      const widget = await load_module(place.dataset.module);
      const el = document.createElement("div");
      if (widget.initialize) await widget.initialize({ model });
      if (fallback) fallback.remove();
      place.append(el);
      await widget.render({ model, el });
      place.dataset.haike = "alive";
    } catch (error) {
      place.dataset.haike = "failed";
      console.error(error);
      const words = fallback || document.createElement("p");
      words.className = "haike-fallback";
      words.textContent = "这个小部件没有打开。刷新一下页面；还不行，请换用新一点的浏览器。";
      place.append(words);
    }
  }

  function startAll(root) {
    return Promise.all([...(root || document).querySelectorAll(".haike-widget")].map(start));
  }

  function offerSaving() {
    for (const place of document.querySelectorAll(".haike-save:empty")) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "保存我的记录";
      button.addEventListener("click", () => download(lessonOf(place)));
      place.append(button);
    }
  }

  window.haikeHost = { start: startAll, last, download, document: (lesson) => ({ version: VERSION, events: load(lesson).events }) };
  const begin = () => { startAll(); offerSaving(); };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin); else begin();
}
