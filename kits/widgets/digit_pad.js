const SIDE = 32;
const PEN = 5;
const USUAL_WIDTH = 22;
const WIDEST = 26;
const MOST_STRETCH = 2;
const NIB = 8.8; // of the 100 × 100 pad, only for the eye

// The same arithmetic as see() in digit_pad.py, in the same order.
function see(strokes) {
  const points = strokes.flat();
  if (!points.length) return [];
  const xs = points.map((p) => p[0]), ys = points.map((p) => p[1]);
  const left = Math.min(...xs), right = Math.max(...xs), top = Math.min(...ys), bottom = Math.max(...ys);
  const scale = (SIDE - PEN) / Math.max(bottom - top, right - left, 1);
  const width = (right - left) * scale + PEN;
  const stretch = Math.min(WIDEST, Math.max(width, Math.min(MOST_STRETCH * width, USUAL_WIDTH))) / width;
  const middleX = (left + right) / 2, middleY = (top + bottom) / 2;
  const pieces = strokes.flatMap((stroke) => {
    const line = stroke.map((p) => [(p[0] - middleX) * scale, (p[1] - middleY) * scale]);
    const ends = line.length > 1 ? line.slice(1) : line;
    return ends.map((b, i) => [line[i][0], line[i][1], b[0] - line[i][0], b[1] - line[i][1]]);
  });
  const pixels = new Array(64).fill(0);
  for (let row = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++) {
      const x = (column + 0.5 - SIDE / 2) / stretch, y = row + 0.5 - SIDE / 2;
      if (pieces.some((piece) => near(x, y, piece))) pixels[(row >> 2) * 8 + (column >> 2)]++;
    }
  }
  return pixels;
}

function near(x, y, [ax, ay, dx, dy]) {
  const length = dx * dx + dy * dy;
  const along = length > 0 ? Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length)) : 0;
  const offX = x - ax - along * dx, offY = y - ay - along * dy;
  return offX * offX + offY * offY <= (PEN * PEN) / 4;
}

function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return Array.from({ length: bytes.length / 64 }, (_, i) => bytes.subarray(i * 64, i * 64 + 64));
}

// The k nearest of the first `size` examples, and the digit they elect; of equal votes, the nearer one's.
function read(examples, labels, pixels, size, k) {
  const found = [];
  for (let i = 0; i < size; i++) {
    let far = 0;
    for (let j = 0; j < 64; j++) { const gap = examples[i][j] - pixels[j]; far += gap * gap; }
    found.push({ i, far, digit: labels[i] });
  }
  const nearest = found.sort((p, q) => p.far - q.far || p.i - q.i).slice(0, k);
  const votes = new Map();
  nearest.forEach((one) => votes.set(one.digit, (votes.get(one.digit) || 0) + 1));
  let answer = nearest[0].digit;
  votes.forEach((count, digit) => { if (count > votes.get(answer)) answer = digit; });
  return { nearest, answer, votes: votes.get(answer) };
}

function shade(canvas, pixels) {
  const context = canvas.getContext("2d");
  const image = context.createImageData(8, 8);
  for (let i = 0; i < 64; i++) {
    const ink = (pixels[i] || 0) / 16;
    image.data.set([255 - ink * 244, 255 - ink * 212, 255 - ink * 195, 255], i * 4);
  }
  context.putImageData(image, 0, 0);
}

function tile() {
  return haike.make("canvas", { width: 8, height: 8, "aria-hidden": "true" });
}

function button(model, icon, text, act, size = "") {
  return haike.make("button", { type: "button", class: `hk-btn quiet ${size}`, onclick: act }, haike.art(model, icon), text);
}

// The drawing surface: a list of strokes on a square of 100 × 100.
function makePad(changed, lifted) {
  const canvas = haike.make("canvas", { class: "pad", width: 592, height: 592, role: "img", "aria-label": "画板，用手指或鼠标写数字" });
  const context = canvas.getContext("2d");
  const pad = { canvas, strokes: [], fresh: true };
  let finger = null;

  pad.paint = () => {
    context.setTransform(5.92, 0, 0, 5.92, 0, 0);
    context.fillStyle = "#FFFFFF";
    context.fillRect(0, 0, 100, 100);
    context.strokeStyle = "#E3EDF1";
    context.lineWidth = 0.4;
    context.beginPath();
    for (let i = 1; i < 8; i++) { context.moveTo(i * 12.5, 0); context.lineTo(i * 12.5, 100); context.moveTo(0, i * 12.5); context.lineTo(100, i * 12.5); }
    context.stroke();
    context.strokeStyle = "#0B2B3C";
    context.lineWidth = NIB;
    context.lineCap = context.lineJoin = "round";
    for (const stroke of pad.strokes) {
      context.beginPath();
      context.moveTo(stroke[0][0], stroke[0][1]);
      for (const [x, y] of stroke) context.lineTo(x, y);
      if (stroke.length === 1) context.lineTo(stroke[0][0] + 0.01, stroke[0][1]);
      context.stroke();
    }
  };
  const at = (e) => {
    const box = canvas.getBoundingClientRect();
    const inside = (part) => Math.round(Math.min(1, Math.max(0, part)) * 1000) / 10;
    return [inside((e.clientX - box.left) / box.width), inside((e.clientY - box.top) / box.height)];
  };
  const total = () => pad.strokes.reduce((sum, stroke) => sum + stroke.length, 0);
  canvas.addEventListener("pointerdown", (e) => {
    if (finger !== null || e.button > 0) return;
    finger = e.pointerId;
    try { canvas.setPointerCapture(finger); } catch (gone) { /* a pointer that has left already */ }
    if (pad.fresh) pad.strokes = []; // the first touch wipes the drawing that was there to look at
    pad.fresh = false;
    pad.strokes = [...pad.strokes, [at(e)]];
    pad.paint();
    changed();
    e.preventDefault();
  });
  canvas.addEventListener("pointermove", (e) => {
    if (e.pointerId !== finger) return;
    const stroke = pad.strokes[pad.strokes.length - 1];
    const here = at(e), before = stroke[stroke.length - 1];
    if (Math.hypot(here[0] - before[0], here[1] - before[1]) < 1 || total() > 600) return;
    stroke.push(here);
    pad.paint();
    changed();
  });
  const up = (e) => { if (e.pointerId === finger) { finger = null; lifted(); } };
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
  return pad;
}

// The evidence: how the machine sees the drawing, and the examples nearest to it.
function makeEvidence(k) {
  const mine = tile();
  const rows = Array.from({ length: k }, () => {
    const row = { canvas: tile(), digit: haike.make("b"), bar: haike.make("span", { class: "bar" }), far: haike.make("span") };
    row.li = haike.make("li", {}, row.canvas, row.digit, haike.make("span", { class: "bw" }, row.bar, row.far));
    return row;
  });
  const box = haike.make("div", { class: "near" },
    haike.make("h3", {}, `舱里最像它的 ${k} 张`),
    haike.make("p", { class: "mine" }, mine, haike.make("span", {}, "你的字，缩成 8×8 格")),
    haike.make("ol", {}, ...rows.map((row) => row.li)));
  function show(pixels, nearest, examples) {
    shade(mine, pixels);
    const longest = Math.max(600, ...nearest.map((one) => one.far));
    rows.forEach((row, i) => {
      const one = nearest[i];
      row.li.style.visibility = one ? "visible" : "hidden";
      if (!one) return;
      shade(row.canvas, examples[one.i]);
      row.digit.textContent = one.digit;
      row.bar.style.width = `calc((100% - 76px) * ${Math.max(0.04, one.far / longest).toFixed(3)})`;
      row.far.textContent = `差 ${one.far}`;
    });
  }
  return { box, show };
}

// The answer: the boat's lantern shines where all agree, and flickers where they do not.
function makeVerdict(model) {
  const boats = ["boat-on", "boat-flicker", "boat-off"].map((name) => haike.art(model, name));
  const said = haike.make("output", { "aria-live": "polite" });
  const why = haike.make("p", { class: "lab" });
  const bubble = haike.make("div", { class: "read" }, haike.make("div", { class: "boats", "aria-hidden": "true" }, ...boats), said);
  function show(result, k) {
    const lit = !result ? 2 : result.votes === k ? 0 : 1;
    boats.forEach((boat, i) => { boat.style.visibility = i === lit ? "visible" : "hidden"; });
    said.textContent = result ? result.answer : "？";
    if (!result) why.textContent = "写一个数字，它才有东西可比。";
    else if (lit === 0) why.textContent = `${k} 张都是 ${result.answer}，灯亮了。`;
    else why.textContent = `${k} 张里有 ${result.votes} 张是 ${result.answer}，灯在闪，它拿不准。`;
  }
  return { read: bubble, why, show };
}

function makeSlider(sizes, changed) {
  const shown = haike.make("b");
  const input = haike.make("input", { type: "range", min: 0, max: sizes.length - 1, step: 1, "aria-label": "例子张数" });
  input.value = String(sizes.length - 1);
  const tell = () => {
    shown.textContent = `${sizes[+input.value]} 张`;
    input.setAttribute("aria-valuetext", shown.textContent);
  };
  input.addEventListener("input", () => { tell(); changed(); });
  tell();
  const box = haike.make("label", { class: "slid" }, haike.make("span", {}, "舱里留几张例子", shown), input);
  if (sizes.length < 2) input.disabled = true;
  return { box, size: () => sizes[+input.value] };
}

export default {
  render({ model, el }) {
    const body = haike.open(model, el, "digit_pad");
    const examples = unpack(model.get("pack"));
    const labels = model.get("labels");
    const k = model.get("k");
    let waiting = null, frame = 0, result = null, pixels = [];

    const pad = makePad(() => { hold(); later(); }, () => { waiting = setTimeout(report, 900); });
    const evidence = makeEvidence(k);
    const verdict = makeVerdict(model);
    const slider = makeSlider(model.get("sizes"), () => { guess(); share(); });

    const buttons = [
      ...model.get("presets").map((preset) => button(model, "i-pen", preset.name, () => put(preset.strokes, true))),
      button(model, "i-wipe", "清空", () => put([], false), "wide"),
    ];
    body.append(
      haike.make("div", { class: "write" }, haike.make("h3", {}, "在这里写一个数字"), pad.canvas, haike.make("div", { class: "padrow" }, ...buttons)),
      evidence.box,
      haike.make("div", { class: "say" }, haike.make("h3", {}, "小船念"), verdict.read, verdict.why, slider.box),
    );

    function guess() {
      frame = 0;
      pixels = see(pad.strokes);
      result = pixels.length ? read(examples, labels, pixels, slider.size(), k) : null;
      evidence.show(pixels, result ? result.nearest : [], examples);
      verdict.show(result, k);
    }
    function later() { if (!frame) frame = requestAnimationFrame(guess); }
    function hold() { clearTimeout(waiting); waiting = null; }
    function share() {
      model.set("pixels", pixels);
      model.set("answer", result ? result.answer : null);
      model.save_changes();
    }
    function report() {
      hold();
      guess();
      share();
      if (result) record(model, { strokes: pad.strokes, pixels, answer: result.answer, votes: result.votes, k, examples: slider.size() });
    }
    function put(strokes, counts) {
      hold();
      pad.strokes = strokes;
      pad.fresh = true;
      pad.paint();
      guess();
      if (counts) report(); else share();
    }

    const saved = model.get("saved");
    pad.strokes = saved && Array.isArray(saved.strokes) && saved.strokes.length ? saved.strokes : model.get("strokes");
    pad.paint();
    guess();
    return () => { hold(); cancelAnimationFrame(frame); };
  },
};
