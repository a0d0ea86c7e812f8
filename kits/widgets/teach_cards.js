// 小船认字卡: cards with names on a boat, and a card to be read. The boat reads by the nearest card, nothing else.

// ---- the machine ----

function distance(one, other) {
  let sum = 0;
  for (let i = 0; i < one.length; i++) sum += (parseInt(one[i], 16) - parseInt(other[i], 16)) ** 2;
  return sum;
}

function nearest(cards, names, shown) {
  let best = null;
  for (const card of Object.keys(cards)) {
    if (names[card] && (best === null || distance(cards[card], shown) < distance(cards[best], shown))) best = card;
  }
  return best;
}

// ---- pictures ----

function picture(pixels) {
  const dots = [...pixels].map((value, i) => value === "0" ? "" : `<rect x="${(i % 8) * 10}" y="${Math.floor(i / 8) * 10}" width="10.3" height="10.3" opacity="${(parseInt(value, 16) / 15).toFixed(2)}"/>`);
  return `<svg viewBox="0 0 80 80" aria-hidden="true" focusable="false"><g class="ink">${dots.join("")}</g></svg>`;
}

const WAVE = (y) => `M-40 ${y}${"c19 -9 45 -9 64 0c19 9 45 9 64 0".repeat(12)}V300H-40Z`;
const WATER = `<svg viewBox="0 0 1366 300" preserveAspectRatio="none" aria-hidden="true"><path class="fs" d="${WAVE(14)}"/><path class="fd" d="${WAVE(120)}"/></svg>`;
const FAR = `<svg viewBox="0 0 320 120" aria-hidden="true"><circle class="fsun" cx="170" cy="62" r="48"/><path class="l" d="M52 52q9 -10 18 0q9 -10 18 0M244 92q7 -8 14 0q7 -8 14 0M96 96q6 -7 12 0q6 -7 12 0"/></svg>`;
const HULL = `<svg viewBox="0 250 640 146" preserveAspectRatio="none" aria-hidden="true"><path class="k low" vector-effect="non-scaling-stroke" d="M4 270C160 302 470 302 636 254C624 330 580 388 500 392H130C56 388 16 340 4 270Z"/><path class="k band" vector-effect="non-scaling-stroke" d="M4 270C160 302 470 302 636 254C634 274 631 288 626 300C470 340 160 336 15 314C10 300 6 288 4 270Z"/></svg>`;

function html(tag, attributes, inner) {
  const node = haike.make(tag, attributes);
  node.innerHTML = inner;
  return node;
}

// What follows this game, a heading or a game without one: a child turns pages and need not scroll.
function turnPage(game) {
  const marks = [...document.querySelectorAll("h2, h3, .hk-teach-cards")];
  const goal = marks[marks.indexOf(game) + 1];
  if (!goal) return;
  goal.style.scrollMarginTop = "88px"; // a bar may lie over the top of the page
  goal.scrollIntoView();
}

// ---- one screen ----

class Screen {
  constructor(model, body) {
    this.model = model;
    this.step = model.get("step");
    this.cards = model.get("cards");
    this.show = model.get("show");
    this.pinyin = Object.fromEntries(model.get("names"));
    this.plan = PLANS[this.step];
    // What was done stays done, however often it is played again: names that fooled the boat, names that mended it, the answer.
    this.wrong = this.mended = this.choice = this.kept = null;
    this.earlier = {}; // of rounds before "from the start": no longer shown, still on record
    this.reset();
    this.plan.restore(this, model.get("saved"));
    this.build(body);
    this.plan.settle(this);
    this.draw();
  }

  // As it stands before anybody has touched it.
  reset() {
    this.names = { ...this.model.get("start") };
    this.current = 0; // which of `show` is held up to the boat
    this.picked = null;
    this.moves = 0;
    this.otherBoat = false;
    this.looked = new Set(); // cards the child itself held up
    this.tried = {};
    this.now = null; // the suspect that is changed at this moment
    this.pointed = null; // the suspect tapped after all were looked at: only that can be chosen
  }

  read(shown = this.show[this.current]) {
    const card = nearest(this.cards, this.names, shown.pixels);
    const name = card ? this.names[card] : "";
    return { card, name, right: name === shown.name };
  }

  // Cards on board that lie in the wrong crate.
  misplaced() {
    const home = this.model.get(this.step === "fool" ? "start" : "fixed");
    return Object.keys(home).filter((card) => this.names[card] && this.names[card] !== home[card]);
  }

  record() {
    const value = { wrong: this.wrong || this.earlier.wrong || null, mended: this.mended || this.earlier.mended || null };
    return Object.fromEntries([["labels", { ...this.names }], ...this.plan.keeps.map((key) => [key, value[key]])]);
  }

  // The child moved a card: into the crate of this name, or back to the pier where name is "".
  put(card, name) {
    if (this.picked) this.picked = null;
    const moved = (this.names[card] || "") !== name;
    if (moved) {
      if (name) this.names[card] = name; else delete this.names[card];
      this.moves += 1;
      this.plan.settle(this);
      record(this.model, this.record(), { step: this.step });
    }
    this.draw();
    if (moved) this.voice();
  }

  // ---- building, once ----

  build(body) {
    const { model } = this;
    const make = haike.make;
    this.say = html("div", { class: "bubble", "aria-live": "polite" }, "");
    this.hui = make("div", { class: "hui" });
    this.lamp = make("div", { class: "lamp" });
    this.exam = make("span", { class: "zi", role: "img", "aria-label": "考一考小船的字卡" });
    this.reading = make("span", { class: "reading", "aria-live": "polite" });
    this.pier = make("div", { class: "pier" });
    this.zis = Object.fromEntries(Object.keys(this.cards).map((card, i) => [card, this.zi(card, i)]));
    this.crates = model.get("names").map(([name, sound]) => this.crate(name, sound));
    this.again = make("button", { type: "button", class: "round", "aria-label": "从头再玩", title: "从头再玩", onclick: () => this.restart() }, haike.art(model, "i-again"));
    this.speaker = make("button", { type: "button", class: "round", "aria-label": "读给我听", title: "读给我听", onclick: () => this.aloud() }, haike.art(model, "i-speak"));
    const next = make("button", { type: "button", class: "round down", "aria-label": "下一步", title: "下一步", onclick: () => turnPage(this.stage.closest(".hk")) }, haike.art(model, "i-next"));
    const read = make("div", { class: "read" }, this.lamp, make("div", { class: "exam" }, this.exam, haike.art(model, "i-next"), this.reading));
    this.hull = html("div", { class: "hull" }, HULL);
    this.rack = make("div", { class: "crates" }, ...this.crates.map((c) => c.box));
    const boat = make("div", { class: "boat" }, this.rack, make("i", { class: "pole" }), read, this.hull);
    this.say.addEventListener("click", () => this.aloud());
    this.stage = make("div", { class: `stage ${this.step}` },
      html("div", { class: "sky" }, FAR), html("div", { class: "water" }, WATER),
      make("div", { class: "tools" }, this.again, this.speaker, next), make("div", { class: "say" }, this.hui, this.say), this.pier, boat);
    this.plan.pier(this);
    if (this.step === "teach") this.pier.addEventListener("click", () => { if (this.picked && this.names[this.picked]) this.put(this.picked, ""); });
    body.append(this.stage);
  }

  zi(card, i) {
    const movable = this.plan.movable;
    const node = html(movable ? "button" : "span", { class: "zi", type: movable ? "button" : null, "aria-label": `字卡 ${i + 1}`, role: movable ? null : "img" }, picture(this.cards[card]));
    if (movable) draggable(this, node, card);
    return node;
  }

  crate(name, sound) {
    const hold = haike.make("div", { class: "hold" });
    const plate = html(this.plan.movable ? "button" : "div", { class: "plate", type: this.plan.movable ? "button" : null, "aria-label": `箱子：${name}` }, `<ruby>${name}<rt>${sound}</rt></ruby>`);
    const box = haike.make("div", { class: "crate" }, hold, plate);
    box.addEventListener("click", () => { if (this.picked) this.put(this.picked, name); });
    return { name, hold, box };
  }

  restart() {
    this.earlier = { wrong: this.wrong || this.earlier.wrong, mended: this.mended || this.earlier.mended };
    this.wrong = this.mended = this.choice = null;
    this.reset();
    this.plan.settle(this);
    this.draw();
  }

  // ---- drawing, after each change ----

  draw() {
    const seen = this.read();
    for (const { name, hold } of this.crates) {
      const inside = Object.keys(this.cards).filter((card) => this.names[card] === name);
      if ([...hold.children].some((node, i) => node !== this.zis[inside[i]]) || hold.children.length !== inside.length) hold.replaceChildren(...inside.map((card) => this.zis[card]));
    }
    this.makeRoom();
    for (const [card, node] of Object.entries(this.zis)) {
      node.classList.toggle("like", card === seen.card);
      node.classList.toggle("pick", card === this.picked);
      if (this.plan.movable) node.setAttribute("aria-pressed", String(card === this.picked));
    }
    this.stage.classList.toggle("picking", this.picked !== null);
    const kinds = new Set(Object.values(this.names)).size;
    const burns = this.step === "teach" ? kinds > 1 : kinds > 0; // in doubt only while it is being taught
    this.lamp.replaceChildren(haike.art(this.model, burns ? "lamp-on" : kinds ? "lamp-flicker" : "lamp-off"));
    this.exam.innerHTML = picture(this.show[this.current].pixels);
    this.reading.innerHTML = seen.name ? `<ruby>${seen.name}<rt>${this.pinyin[seen.name]}</rt></ruby>` : "?";
    this.hull.classList.toggle("other", this.otherBoat);
    this.plan.draw(this, seen);
    this.point(this.picked ? this.otherCrates() : this.plan.hand(this, seen));
    this.tell(this.picked ? ["pick"] : this.plan.says(this, seen));
    clearTimeout(this.help);
    const lost = this.picked ? "" : this.plan.lost(this, seen);
    if (lost) this.help = setTimeout(() => this.point([this.zis[lost]]), 8000); // nothing shines there: a hand after a while
  }

  // Two rows at most, where three suspects stand below only one, and no card over another: a full crate takes the room of an empty one.
  makeRoom() {
    const counts = this.crates.map(({ hold }) => hold.children.length);
    const rows = this.step === "who" ? 1 : 2;
    const least = rows === 2 && counts.length === 2 && Math.max(...counts) < 4 ? 2 : 1;
    const columns = counts.map((count) => Math.max(least, Math.ceil(count / rows)));
    this.rack.style.gridTemplateColumns = columns.map((count) => `minmax(0, ${count}fr)`).join(" ");
    this.crates.forEach(({ hold }, i) => hold.style.setProperty("--columns", columns[i]));
  }

  // A hand on what can be touched next, until it has been done once.
  point(goals) {
    this.stage.querySelectorAll(".hand").forEach((hand) => hand.remove());
    const middle = (node) => { const { left, width } = node.getBoundingClientRect(); return left + width / 2; };
    for (const goal of goals.filter(Boolean)) {
      const crate = goal.parentElement.closest(".crate"); // there the hand hangs at the card's outer corner: the name below stays free too
      const left = crate && middle(goal) < middle(crate) - 1;
      goal.append(haike.make("i", { class: left ? "hand left" : "hand" }, haike.art(this.model, "hand")));
    }
  }

  otherCrates() {
    return this.moves ? [] : this.crates.filter(({ name }) => name !== this.names[this.picked]).map(({ box }) => box);
  }

  tell(keys) {
    if (keys.join() === this.told) return;
    this.speaker.classList.toggle("new", Boolean(this.told)); // something else is said now: touch to hear it
    this.told = keys.join();
    const lines = keys.map((key) => this.model.get("words")[key]);
    this.spoken = lines.map((line) => line[1]).join("");
    this.say.innerHTML = lines.map((line) => `<span class="s">${line[2]}</span>`).join("");
    this.hui.replaceChildren(haike.art(this.model, `hui-${lines[0][0]}`));
  }

  // The boat's own voice: who cannot read yet hears what it reads.
  voice() {
    const { name } = this.read();
    if (name) haike.speak(name);
  }

  // Spoken where the machine has a voice; and always each syllable lights up in turn, to read along with a finger.
  aloud(first = "") {
    this.speaker.classList.remove("new");
    haike.speak(first + this.spoken);
    clearInterval(this.singing);
    const syllables = [...this.say.querySelectorAll("ruby")];
    let at = first ? -2 : 0;
    this.singing = setInterval(() => {
      syllables.forEach((node, i) => node.classList.toggle("now", i === at));
      if (at++ >= syllables.length) clearInterval(this.singing);
    }, 380);
  }
}

// ---- a card under the finger: drag it, or tap it and then tap a crate ----

function draggable(screen, node, card) {
  let from = null;
  let tapped = -1000;
  let ghost = null;
  const crateAt = (x, y) => screen.crates.find(({ box }) => {
    const r = box.getBoundingClientRect();
    return x > r.left - 12 && x < r.right + 12 && y > r.top - 48 && y < r.bottom + 72; // a small hand is not exact
  });
  const drop = () => { if (ghost) ghost.remove(); ghost = null; node.classList.remove("away"); screen.crates.forEach(({ box }) => box.classList.remove("hot")); };

  node.addEventListener("pointerdown", (e) => {
    if (e.button > 0 || from) return;
    const r = node.getBoundingClientRect();
    from = { id: e.pointerId, x: e.clientX, y: e.clientY, dx: e.clientX - r.left, dy: e.clientY - r.top, width: r.width, moved: false };
    try { node.setPointerCapture(e.pointerId); } catch (gone) { /* the finger is already up */ }
  });
  node.addEventListener("pointermove", (e) => {
    if (!from || e.pointerId !== from.id) return;
    if (!from.moved && Math.hypot(e.clientX - from.x, e.clientY - from.y) > 8) {
      from.moved = true;
      ghost = node.cloneNode(true);
      ghost.querySelectorAll(".hand").forEach((hand) => hand.remove());
      ghost.classList.add("held");
      ghost.style.width = `${from.width}px`;
      screen.stage.append(ghost);
      node.classList.add("away");
    }
    if (!from.moved) return;
    const r = screen.stage.getBoundingClientRect();
    ghost.style.left = `${e.clientX - from.dx - r.left}px`;
    ghost.style.top = `${e.clientY - from.dy - r.top}px`;
    const over = crateAt(e.clientX, e.clientY);
    screen.crates.forEach((c) => c.box.classList.toggle("hot", c === over));
  });
  node.addEventListener("pointerup", (e) => {
    if (!from || e.pointerId !== from.id) return;
    const { moved } = from;
    if (!moved) { from = null; return; } // a tap: click follows
    drop();
    const over = crateAt(e.clientX, e.clientY);
    const pier = screen.pier.getBoundingClientRect();
    if (over) screen.put(card, over.name);
    else if (screen.step === "teach" && e.clientX > pier.left && e.clientX < pier.right && e.clientY > pier.top - 24) screen.put(card, "");
    setTimeout(() => { from = null; }, 0); // the click that ends a drag is no tap
  });
  node.addEventListener("pointercancel", () => { from = null; drop(); });
  node.addEventListener("click", (e) => {
    e.stopPropagation();
    if (from && from.moved) return;
    const { picked, names } = screen;
    const twice = picked === card && e.timeStamp - tapped < 400; // small fingers knock twice
    tapped = e.timeStamp;
    if (twice) return;
    if (picked && picked !== card && names[card] && names[card] !== names[picked]) { screen.put(picked, names[card]); return; }
    screen.picked = picked === card ? null : card;
    screen.draw();
  });
}

// ---- what each step asks for ----

export default {
  render({ model, el }) {
    const screen = new Screen(model, haike.open(model, el, "teach-cards", { child: true }));
    return () => { clearInterval(screen.singing); clearTimeout(screen.help); };
  },
};
