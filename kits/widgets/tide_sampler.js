const END = 75; // hours drawn: three days and a little, so that a turn on the last midnight can be seen
const DAYS = [0, 1, 2];
const TOP = 3.45;
const BOTTOM = 0.56;

const hours = (value) => `${value} 小时`;
const cm = (metres) => `${Math.round(metres * 100)} 厘米`; // the unit of the difference, so that a child can subtract

// "第 3 天 7 时": how a child reads an hour of the three days.
const clock = (hour) => `第 ${Math.floor(hour / 24) + 1} 天 ${Math.round(hour % 24)} 时`;

function report(view, still) {
  if (view.moved_cm <= still) return "海面几乎不动，三天里没有低潮。";
  if (!view.lows) return "海面一直在慢慢变，三天里没有低潮。";
  return `三天里有 ${view.lows} 次低潮。`;
}

// ---- the picture ----

function frame(width) {
  const narrow = width < 560;
  const left = narrow ? 48 : 96;
  const high = narrow ? 208 : 264;
  const rows = { sea: high + 58, boat: high + 96 };
  return { width, narrow, left, right: width - 16, top: 8, base: high, rows, height: high + (narrow ? 124 : 118) };
}

function scales(f) {
  return {
    x: (hour) => f.left + (hour / END) * (f.right - f.left),
    y: (level) => f.base - ((level - BOTTOM) / (TOP - BOTTOM)) * (f.base - f.top),
  };
}

const path = (points) => points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

function axes(f, { x, y }) {
  const level = (m) => `<path class="grid" d="M${f.left} ${y(m)}H${f.right}"/><text class="tick" x="${f.left - 12}" y="${y(m) + 5}" text-anchor="end">${m * 100}</text>`;
  const night = (day) => `<path class="grid" d="M${x(day * 24)} ${f.top}V${f.base + 8}"/>`;
  const name = (day) => `<text class="tick" x="${x(day * 24 + 12)}" y="${f.base + 24}" text-anchor="middle">第 ${day + 1} 天</text>`;
  const unit = `<text class="tick" x="${f.left - 12}" y="${f.top + 10}" text-anchor="end">厘米</text>`;
  return unit + [1, 2, 3].map(level).join("") + [...DAYS, DAYS.length].map(night).join("") + DAYS.map(name).join("")
    + `<path class="axis" d="M${f.left} ${f.base}H${f.right}"/>`;
}

function seaShape(model, f, { x, y }) {
  const line = model.get("levels").slice(0, END * 2 + 1).map((level, i) => [x(i / 2), y(level)]);
  return `<g class="sea"><path class="water" d="${path(line)}L${f.right} ${f.base}L${f.left} ${f.base}Z"/><path class="surface" d="${path(line)}"/></g>`;
}

function fogShape(f) {
  const high = (f.base - f.top) / 5;
  const banks = [[0.04, 0.56], [0.4, 0.97], [0.02, 0.44], [0.3, 0.9], [0.06, 0.62]];
  const wide = f.right - f.left;
  return `<g class="fog" aria-hidden="true"><rect class="bank" x="${f.left}" y="${f.top}" width="${wide}" height="${f.base - f.top}"/>${banks.map(([a, b], i) => `<rect x="${f.left + a * wide}" y="${f.top + i * high + 3}" width="${(b - a) * wide}" height="${high - 10}" rx="${high / 2 - 5}"/>`).join("")}</g>`;
}

function boatShape(model, view, { x, y }, clip) {
  const levels = model.get("levels");
  const step = view.every * 2;
  const points = [];
  for (let i = 0; i < levels.length && (i - step) / 2 < END; i += step) points.push([x(i / 2), y(levels[i])]);
  const size = view.every < 2 ? 6 : view.every < 4 ? 9 : 12;
  const within = points.filter((_, i) => i * view.every <= DAYS.length * 24); // as many squares as the panel counts
  const mark = ([px, py]) => `<rect x="${(px - size / 2).toFixed(1)}" y="${(py - size / 2).toFixed(1)}" width="${size}" height="${size}"/>`;
  return `<g class="boatline" clip-path="url(#${clip})"><path class="casing" d="${path(points)}"/><path class="drawn" d="${path(points)}"/>${within.map(mark).join("")}</g>`;
}

// Numbered marks under the picture: round ones for the sea, square ones for the boat.
function lowsRow(f, { x }, at, list, kind, label) {
  const half = f.narrow ? 9 : 11;
  const shape = (px) => (kind === "sea" ? `<circle cx="${px}" cy="${at}" r="${half}"/>` : `<rect x="${px - half}" y="${at - half}" width="${2 * half}" height="${2 * half}" rx="3"/>`);
  const mark = (hour, i) => `${shape(x(hour))}<text x="${x(hour)}" y="${at + 5}" text-anchor="middle">${i + 1}</text>`;
  const name = f.narrow ? `<text class="who" x="${f.left - 16}" y="${at + 5}" text-anchor="end">${label[1]}</text>` : `<text class="who" x="${f.left - 18}" y="${at + 5}" text-anchor="end">${label[0]}</text>`;
  const empty = list.length ? "" : `<text class="none" x="${f.left}" y="${at + 5}">${label[2]}</text>`;
  return `<g class="lows ${kind}"><path class="grid" d="M${f.left} ${at}H${f.right}"/>${name}${list.map(mark).join("")}${empty}</g>`;
}

function gapShape(f, view, { x, y }) {
  if (view.gap_cm < 8) return "";
  const [px, from, to] = [x(view.gap_hour), y(view.drawn_m), y(view.true_m)];
  const beside = Math.min(Math.max(px, f.left + 52), f.right - 52);
  const outside = view.true_m > view.drawn_m ? f.top + 16 : f.base - 4; // above high water or under low: no line, no square
  const cap = (py) => `M${px - 6} ${py}H${px + 6}`;
  return `<g class="gap"><path d="M${px} ${from}V${to}${cap(from)}${cap(to)}"/><text x="${beside}" y="${outside}" text-anchor="middle">差 ${view.gap_cm} 厘米</text></g>`;
}

// In the fog, where there is nothing to search for: the moment that is asked about.
function askShape(f, view, { x }) {
  const at = x(view.gap_hour);
  return `<g class="ask"><path d="M${at} ${f.top + 26}V${f.base}"/><circle cx="${at}" cy="${f.top + 14}" r="12"/><text x="${at}" y="${f.top + 20}" text-anchor="middle">?</text></g>`;
}

function chart(model, state, width, clip) {
  const view = state.view;
  const f = frame(width);
  const s = scales(f);
  const seen = !state.fog;
  const label = `隔 ${hours(view.every)}看一次，小船的橙线有 ${view.lows} 次低潮${seen ? `，真的海有 ${view.true_lows} 次，最多差 ${view.gap_cm} 厘米` : `，雾盖着真的海${model.get("knob") ? "" : `，${clock(view.gap_hour)}打着问号`}`}`;
  return `<svg class="chart" viewBox="0 0 ${width} ${f.height}" width="${width}" height="${f.height}" role="img" aria-label="${label}">
    <defs><clipPath id="${clip}"><rect x="${f.left - 8}" y="0" width="${f.right - f.left + 10}" height="${f.height}"/></clipPath></defs>
    ${seen ? seaShape(model, f, s) + axes(f, s) : axes(f, s) + fogShape(f)}${boatShape(model, view, s, clip)}${seen ? gapShape(f, view, s) : model.get("knob") ? "" : askShape(f, view, s)}
    ${lowsRow(f, s, f.rows.sea, seen ? model.get("true_lows") : [], "sea", ["真的低潮", "真", "雾里看不见"])}
    ${lowsRow(f, s, f.rows.boat, view.low_hours, "boat", ["小船的低潮", "船", "一次也没有"])}
  </svg>`;
}

// The worst moment, seen from the shore: where the water is, and where the boat says it is.
function shore(model, state) {
  const { view, fog } = state;
  const y = (level) => 190 - (level - 0.6) * 40;
  const marks = [1, 2, 3].map((m) => `<path class="k n" d="M184 ${y(m)}H200"/><text class="mark" x="180" y="${y(m) + 5}" text-anchor="end">${m * 100}</text>`).join("") + `<text class="mark" x="180" y="${y(3.3) - 4}" text-anchor="end">厘米</text>`;
  const pole = `<rect class="k fw" x="188" y="${y(3.3)}" width="12" height="${200 - y(3.3)}"/>`;
  const float = fog ? "" : `<g class="afloat" style="transform:translateY(${(y(view.true_m) - 80).toFixed(1)}px)">${(model.get("art")["boat-on"] || "").replace("<svg ", '<svg x="22" y="0" width="84" height="84" ')}</g>`;
  const water = fog ? "" : `<rect class="fs" x="0" y="${y(view.true_m)}" width="220" height="200"/><path class="k n" style="stroke:var(--d1)" d="M0 ${y(view.true_m)}H220"/>`;
  const said = `<path class="said" d="M0 ${y(view.drawn_m)}H220"/><rect class="saidmark" x="204" y="${y(view.drawn_m) - 7}" width="14" height="14"/>`;
  const fogs = fog ? `<g class="fog"><rect class="bank" width="220" height="200"/><rect x="8" y="34" width="150" height="34" rx="17"/><rect x="40" y="78" width="172" height="34" rx="17"/><rect x="6" y="122" width="168" height="34" rx="17"/></g>` : "";
  return `<svg viewBox="0 0 220 200" preserveAspectRatio="xMidYMid slice" role="img" aria-label="${fog ? `雾盖住了海面，小船画的水面 ${cm(view.drawn_m)}` : `小船画的水面 ${cm(view.drawn_m)}，真的水面 ${cm(view.true_m)}`}"><rect class="fy" width="220" height="200"/>${water}${fog ? "" : said}<path class="fn" d="M0 200V192C60 184 150 188 220 194V200Z"/>${pole}${float}${fogs}${fog ? said : ""}${marks}</svg>`;
}

function shoreWords({ view, fog }) {
  if (fog) return `${clock(view.gap_hour)}：小船画 ${cm(view.drawn_m)}。真的水面在哪里？`;
  if (view.gap_cm < 8) return "小船画的水面和真的海几乎一样高。";
  return `差得最多的一刻，${clock(view.gap_hour)}：小船画 ${cm(view.drawn_m)}，真的 ${cm(view.true_m)}。`;
}

// ---- the widget ----

let drawings = 0; // clip paths need a name of their own on the page

const asks = (model) => ((model.get("guess") || {}).options || []).length > 0;

function guessOf(model) {
  const saved = model.get("saved");
  return asks(model) && saved && model.get("guess").options.includes(saved.text) ? saved.text : "";
}

function startOf(model, views) {
  const saved = model.get("saved");
  return views.find((view) => view.every === saved) || views.find((view) => view.every === model.get("start")) || views[0];
}

function slider(model, views, move) {
  const step = model.get("step");
  const last = views[views.length - 1].every;
  const one = step === 0.5 ? "半小时" : ` ${hours(step)}`;
  const value = haike.make("output", { class: "value", "aria-hidden": "true" });
  const range = haike.make("input", { type: "range", min: step, max: last, step, "aria-label": "采样间隔，隔几小时看一次", oninput: () => move(Number(range.value)) });
  const nudge = (by, sign, label) => haike.make("button", { type: "button", class: "hk-round", "aria-label": label, title: label, onclick: () => move(Number(range.value) + by) }, sign);
  const node = haike.make("div", { class: "knob" },
    haike.make("div", { class: "name" }, haike.make("span", {}, "隔几小时看一次"), value),
    haike.make("div", { class: "track" }, nudge(-step, "−", `少隔${one}`), range, nudge(step, "＋", `多隔${one}`)),
    haike.make("div", { class: "ends", "aria-hidden": "true" }, haike.make("span", {}, "看得勤"), haike.make("span", {}, "看得少")));
  const show = (view) => {
    value.textContent = hours(view.every);
    range.value = view.every;
    range.setAttribute("aria-valuetext", hours(view.every));
  };
  return { node, show };
}

function fact(name) {
  const label = haike.make("span", {}, name);
  const value = haike.make("b");
  return { node: haike.make("li", {}, label, value), value };
}

// What the child thinks is under the fog. The fog waits for it; once the sea has been seen it stays.
function guessing(model, lift, guess) {
  const { ask, options } = model.get("guess");
  const buttons = options.map((text) => haike.make("button", { type: "button", class: "hk-btn quiet", "aria-pressed": "false", onclick: () => guess(text) }, text));
  const said = haike.make("p", { class: "mine", "aria-live": "polite" });
  const node = haike.make("div", { class: "guess" }, haike.make("p", { class: "askwords" }, ask), haike.make("div", { class: "opts", role: "group", "aria-label": ask }, ...buttons), said, lift);
  const show = ({ guessed, fog, seen }) => {
    buttons.forEach((button, i) => {
      button.setAttribute("aria-pressed", String(options[i] === guessed));
      button.disabled = seen;
    });
    lift.disabled = !guessed;
    if (!guessed) lift.textContent = "先猜，再掀开雾";
    said.textContent = !guessed ? "猜错不扣分。" : fog ? `你猜“${guessed}”，记下了。` : `你猜“${guessed}”。看红线，猜中了吗？`;
  };
  return { node, show };
}

// Everything on the page that changes, put together once; `does` says what its buttons do.
function layOut(model, body, views, does) {
  const said = haike.make("p", { class: "said", "aria-live": "polite" });
  const lift = haike.make("button", { type: "button", class: "hk-btn lift", onclick: does.lift });
  const top = haike.make("div", { class: "top" }, haike.make("div", { class: "boat" }, haike.art(model, "boat-on")), haike.make("div", { class: "speech" }, haike.make("small", {}, "小船报告"), said));
  const guess = asks(model) ? guessing(model, lift, does.guess) : null;
  if (model.get("fog") && !guess) top.append(lift);

  const plot = haike.make("div", { class: "plot" });
  const scene = haike.make("div", { class: "scene" });
  const words = haike.make("p", { class: "words" });
  const [looks, lows, moved, gap] = ["三天看几次", "低潮", "橙线高低差", "和真的海最多差"].map(fact);
  const facts = haike.make("ul", { class: "facts" }, looks.node, lows.node, gap.node);
  if (model.get("fog")) gap.node.before(moved.node); // what the boat itself can tell stays when the fog is lifted
  const knob = slider(model, views, does.move);
  const pick = haike.make("button", { type: "button", class: "hk-btn full pick", onclick: does.choose });
  const kept = haike.make("div", { class: "kept", "aria-live": "polite" });
  const legend = haike.make("ul", { class: "legend" }, haike.make("li", { class: "sea" }, "真的海面"), haike.make("li", { class: "drawn" }, "小船看的和连的"));
  const source = haike.make("p", { class: "source" }, "模拟数据，不能当潮汐表用");
  const left = haike.make("div", { class: "left" }, legend, plot, ...(guess ? [guess.node] : []), source);
  const right = haike.make("div", { class: "right" }, haike.make("figure", {}, scene, words));
  if (model.get("knob")) left.append(knob.node);
  left.append(facts); // under the slider: on a telephone both are seen at once
  if (model.get("exercise") && !guess) left.append(haike.make("div", { class: "choose" }, pick, kept));
  body.append(top, haike.make("div", { class: "both" }, left, right));
  return { said, lift, plot, scene, words, looks, lows, moved, gap, knob, pick, kept, guess };
}

function fill(parts, model, state, clip) {
  const { view, fog } = state;
  parts.said.textContent = report(view, model.get("still"));
  parts.lift.textContent = fog ? "掀开雾" : "盖上雾";
  parts.lift.className = `hk-btn lift ${fog ? "full" : "quiet"}`;
  const width = Math.max(280, Math.round(parts.plot.clientWidth) || 640);
  parts.plot.innerHTML = chart(model, state, width, clip);
  parts.scene.innerHTML = shore(model, state);
  parts.words.textContent = shoreWords(state);
  parts.looks.value.textContent = `${view.looks} 次`;
  parts.lows.value.textContent = `小船 ${view.lows} 次，真的 ${fog ? "？" : `${view.true_lows} 次`}`;
  parts.moved.value.textContent = `${view.moved_cm} 厘米`;
  parts.gap.value.textContent = fog ? "？" : `${view.gap_cm} 厘米`;
  parts.pick.textContent = `就选它：隔 ${hours(view.every)}`;
  parts.knob.show(view);
  if (parts.guess) parts.guess.show(state);
}

export default {
  render({ model, el }) {
    const views = model.get("views");
    const saved = model.get("saved");
    const state = { view: startOf(model, views), fog: model.get("fog"), guessed: guessOf(model), seen: !model.get("fog") };
    const clip = `hk-tide-${++drawings}-${Math.random().toString(36).slice(2, 7)}`;
    const parts = layOut(model, haike.open(model, el, "tide_sampler"), views, { move, choose, lift, guess });
    const draw = () => fill(parts, model, state, clip);

    function lift() {
      state.fog = !state.fog;
      state.seen = true;
      draw();
    }

    function guess(text) {
      if (text !== state.guessed) record(model, { index: model.get("guess").options.indexOf(text), text });
      state.guessed = text;
      draw();
    }

    function move(every) {
      const found = views.find((view) => view.every === every);
      if (!found || found === state.view) return;
      state.view = found;
      draw();
    }

    function choose() {
      record(model, state.view.every);
      keep(state.view.every);
    }

    function keep(every) {
      const note = haike.make("div", { class: "hk-note" }, haike.make("div", {}, haike.make("b", {}, haike.art(model, "i-ok"), `已记下：隔 ${hours(every)}`), haike.make("p", {}, "想改就再拖一拖，再按一次。")));
      parts.kept.replaceChildren(note);
    }

    draw();
    if (model.get("exercise") && typeof saved === "number") keep(saved);
    let known = parts.plot.clientWidth;
    const watcher = new ResizeObserver(() => {
      if (Math.abs(parts.plot.clientWidth - known) < 2) return;
      known = parts.plot.clientWidth;
      draw();
    });
    watcher.observe(parts.plot);
    const again = () => {
      if (guessOf(model)) {
        state.guessed = guessOf(model);
        draw();
      }
      if (typeof model.get("saved") !== "number") return;
      state.view = startOf(model, views);
      keep(model.get("saved"));
      draw();
    };
    model.on("change:saved", again);
    return () => { watcher.disconnect(); model.off("change:saved", again); };
  },
};
