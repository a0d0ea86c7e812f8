// What each step of 小船认字卡 does with the screen: what lies on the pier, when it is done, what 小灰 says.
// One module with teach_cards.js; see base.script.

const slot = (inner = "") => html("div", { class: "slot" }, inner);
const isNames = (value) => Boolean(value) && typeof value === "object" && !Array.isArray(value);
const nothing = () => {};
const noCard = () => "";

// A card held out to the boat, with what the boat says to it.
function examCards(screen) {
  screen.exams = screen.show.map((shown, i) => {
    const said = haike.make("span", { class: "said" });
    const node = haike.make("button", { type: "button", class: "held-out", "aria-label": `考一考：第 ${i + 1} 张`, onclick: () => { screen.current = i; screen.looked.add(i); screen.draw(); screen.voice(); } }, html("span", { class: "zi" }, picture(shown.pixels)), said);
    return { node, said };
  });
  screen.pier.append(...screen.exams.map((exam) => exam.node));
}

function drawExams(screen) {
  screen.exams.forEach(({ node, said }, i) => {
    const { name, right } = screen.read(screen.show[i]);
    node.classList.toggle("on", i === screen.current);
    if (screen.step === "teach" && !screen.looked.has(i)) { said.className = "said"; said.textContent = "?"; return; } // not yet asked
    said.className = `said ${right ? "right" : "look"}`;
    said.innerHTML = `<ruby>${name}<rt>${screen.pinyin[name] || ""}</rt></ruby>`;
    said.prepend(haike.art(screen.model, right ? "i-ok" : "i-look"));
  });
}

function starSlot(screen) {
  screen.star = slot();
  screen.star.classList.add("star");
  screen.star.append(haike.art(screen.model, "star"));
  screen.pier.append(screen.star);
}

function drawStar(screen) {
  screen.star.classList.toggle("won", Boolean(screen.mended));
  screen.star.setAttribute("aria-label", screen.mended ? "海星亮了" : "海星还没有亮");
  screen.star.setAttribute("role", "img");
}

// The first card held out that the boat reads wrong, or -1.
const misread = (screen) => screen.show.findIndex((shown) => !screen.read(shown).right);

// Before the first move: the card the boat goes by.
const firstClue = (screen) => screen.moves ? [] : [screen.zis[screen.read().card]];

const PLANS = {
  teach: {
    movable: true,
    restore(screen, saved) { if (isNames(saved) && isNames(saved.labels)) screen.names = { ...saved.labels }; },
    pier(screen) {
      screen.slots = Object.fromEntries(Object.keys(screen.cards).map((card) => [card, slot()]));
      screen.pier.append(...Object.values(screen.slots));
      examCards(screen);
    },
    // Once every card is on board, cards it has never seen stand on the pier to test it.
    settle(screen) {
      screen.testing = screen.show.length > 1 && Object.keys(screen.cards).every((card) => screen.names[card]);
      if (screen.testing) screen.looked.add(screen.current);
    },
    keeps: [],
    draw(screen) {
      for (const [card, place] of Object.entries(screen.slots)) if (!screen.names[card]) place.append(screen.zis[card]);
      screen.stage.classList.toggle("testing", screen.testing);
      drawExams(screen);
    },
    hand(screen, seen) {
      if (this.blames(screen, seen)) return [screen.zis[seen.card]];
      if (screen.testing && screen.looked.size === screen.show.length) return seen.right && misread(screen) >= 0 ? [screen.exams[misread(screen)].node] : [];
      if (screen.testing) return screen.looked.size < 2 ? [screen.exams[1].node] : [];
      return screen.moves ? [] : [screen.zis[Object.keys(screen.cards).find((card) => !screen.names[card])]];
    },
    lost: (screen, seen) => seen.right && Object.keys(screen.cards).every((card) => screen.names[card]) && misread(screen) < 0 ? screen.misplaced()[0] : "",
    // The card it goes by lies in the wrong crate, and so it misreads.
    blames: (screen, seen) => !seen.right && screen.misplaced().includes(seen.card),
    says(screen, seen) {
      if (!seen.card) return ["teach-start"];
      const known = new Set(Object.values(screen.names));
      if (this.blames(screen, seen)) return ["teach-wrong", "teach-check"];
      if (!seen.right) return known.has(screen.show[screen.current].name) ? ["teach-wrong", "teach-shine"] : ["teach-unseen", "teach-give"];
      const more = Object.keys(screen.cards).some((card) => !screen.names[card]);
      if (known.size < 2) return ["teach-one", more ? "teach-more" : "teach-apart"];
      if (more) return ["teach-lamp", "teach-on"];
      if (!screen.testing || screen.looked.size === screen.show.length) return ["teach-right", misread(screen) >= 0 ? "teach-again" : screen.misplaced().length ? "teach-left" : "teach-done"];
      return screen.looked.size > 1 ? ["teach-near", "teach-name"] : ["teach-right", "teach-test"];
    },
  },

  fool: {
    movable: true,
    restore(screen, saved) {
      if (!isNames(saved) || !isNames(saved.labels)) return;
      screen.names = { ...saved.labels };
      screen.wrong = saved.wrong || null;
      screen.mended = saved.mended || null;
    },
    pier(screen) {
      screen.surprise = slot();
      screen.surprise.classList.add("goal");
      screen.surprise.append(haike.art(screen.model, "hui-wow"));
      screen.pier.append(screen.surprise);
      starSlot(screen);
    },
    settle(screen) {
      const { right } = screen.read();
      const misplaced = screen.misplaced().length;
      if (!screen.wrong && misplaced && !right) screen.wrong = { ...screen.names };
      if (screen.wrong && !misplaced && right) screen.mended = { ...screen.names };
    },
    keeps: ["wrong", "mended"],
    draw(screen) { screen.surprise.classList.toggle("won", Boolean(screen.wrong)); drawStar(screen); },
    hand: firstClue,
    // The cards that do not shine were moved: the one that does is shown. After that, what is still to be put back.
    lost(screen, seen) {
      if (!seen.right || !screen.misplaced().length) return "";
      return screen.wrong ? screen.misplaced()[0] : seen.card;
    },
    says(screen, seen) {
      if (!screen.misplaced().length) return screen.mended ? ["fool-done", "star"] : ["fool-start"];
      if (screen.wrong) return seen.right ? ["fool-left"] : ["fool-wrong", "fool-mend"];
      return ["fool-missed", "fool-shine"];
    },
  },

  repair: {
    movable: true,
    restore(screen, saved) {
      if (!isNames(saved) || !isNames(saved.labels)) return;
      screen.names = { ...saved.labels };
      screen.mended = saved.mended || null;
      screen.moves = 1;
    },
    pier(screen) { examCards(screen); starSlot(screen); },
    // The boat is shown the first card it reads wrong, so that the clue always shines.
    settle(screen) {
      const wrong = misread(screen);
      if (wrong < 0 && screen.moves && !screen.misplaced().length) screen.mended = { ...screen.names };
      if (screen.read().right && wrong >= 0) screen.current = wrong;
    },
    keeps: ["mended"],
    draw(screen) { drawExams(screen); drawStar(screen); },
    hand: firstClue,
    lost: (screen) => misread(screen) < 0 ? screen.misplaced()[0] : "",
    says(screen) {
      const wrong = screen.show.filter((shown) => !screen.read(shown).right).length;
      if (!wrong) return ["repair-done", screen.misplaced().length ? "repair-find" : "star"];
      if (!screen.moves) return ["repair-start", "repair-shine"];
      return [wrong === 1 ? "repair-one" : "repair-more", "repair-shine"];
    },
  },

  // First change each suspect and see what the boat says. Then point at one of them, and then choose it: the last one
  // looked at is not yet an answer.
  who: {
    movable: false,
    restore(screen, saved) { if (SUSPECTS.includes(saved)) { for (const key of SUSPECTS) change(screen, key); change(screen, saved); screen.pointed = screen.choice = screen.kept = saved; } },
    pier(screen) {
      const { model } = screen;
      const start = model.get("start");
      const labels = model.get("labels");
      const wrong = start[nearest(screen.cards, start, screen.show[0].pixels)]; // the name it was misread by
      screen.faces = { boat: () => haike.art(model, "boat-off"), card: () => html("span", { class: "zi" }, picture(screen.show[0].pixels)), name: () => html("span", { class: "tag" }, `<ruby>${wrong}<rt>${screen.pinyin[wrong]}</rt></ruby>`) };
      screen.suspects = SUSPECTS.map((key) => {
        const said = haike.make("span", { class: "said" });
        const node = haike.make("button", { type: "button", class: "suspect", "aria-label": labels[key][0], onclick: () => look(screen, key) }, haike.make("span", { class: "face" }, screen.faces[key]()), html("span", { class: "label" }, labels[key][1]), said);
        return { key, node, said };
      });
      screen.mine = haike.make("span", { class: "face" });
      screen.choose = haike.make("button", { type: "button", class: "choose", "aria-label": labels.choose[0], onclick: () => choose(screen) }, screen.mine, haike.art(model, "hand"), html("span", { class: "label" }, labels.choose[1]));
      screen.pier.append(...screen.suspects.map((suspect) => suspect.node), screen.choose);
    },
    settle: nothing,
    draw(screen) {
      for (const { key, node, said } of screen.suspects) {
        const name = screen.tried[key];
        const on = key === (allTried(screen) ? screen.pointed : screen.now);
        node.classList.toggle("on", on);
        node.classList.toggle("chosen", key === screen.choice);
        node.setAttribute("aria-pressed", String(on));
        said.innerHTML = name ? `<ruby>${name}<rt>${screen.pinyin[name]}</rt></ruby>` : "";
      }
      screen.choose.disabled = !screen.pointed;
      screen.choose.classList.toggle("done", screen.pointed !== null && screen.pointed === screen.choice);
      screen.mine.replaceChildren(...(screen.pointed ? [screen.faces[screen.pointed]()] : []));
    },
    lost: noCard,
    hand(screen) {
      if (!allTried(screen)) return [screen.suspects.find(({ key }) => !screen.tried[key]).node];
      return screen.pointed ? [] : screen.suspects.map(({ node }) => node);
    },
    says(screen, seen) {
      if (!screen.now) return ["who-start", "who-try"];
      const heard = seen.right ? "who-right" : "who-still";
      if (screen.choice) return screen.pointed !== screen.choice ? [heard] : screen.kept === screen.choice ? ["who-kept", "who-tell"] : ["who-tell"];
      if (allTried(screen)) return screen.pointed ? ["who-choose"] : ["who-ask", "who-point"];
      return seen.right ? [heard, "who-more"] : [`who-${screen.now}`, heard];
    },
  },
};

const SUSPECTS = ["boat", "name", "card"];

const allTried = (screen) => SUSPECTS.every((key) => screen.tried[key]);

function change(screen, key) {
  screen.now = key;
  screen.otherBoat = key === "boat";
  screen.current = key === "card" ? 1 : 0;
  screen.names = { ...screen.model.get(key === "name" ? "fixed" : "start") };
  screen.tried[key] = screen.read().name;
}

function look(screen, key) {
  const before = allTried(screen);
  change(screen, key);
  screen.pointed = before ? key : null;
  screen.draw();
  if (!before && allTried(screen)) screen.aloud(`${screen.read().name}。`); // from now on there is something to choose: say so
  else screen.voice();
}

// What was chosen mends the reading: the change on that suspect made the boat read right.
const mends = (screen, key) => screen.tried[key] === screen.show[key === "card" ? 1 : 0].name;

function choose(screen) {
  if (!screen.pointed || screen.choice === screen.pointed) return;
  screen.choice = screen.pointed;
  if (!screen.kept || !mends(screen, screen.kept)) { // who has found it once keeps it, however often the game is played again
    screen.kept = screen.choice;
    record(screen.model, screen.choice, { step: screen.step });
  }
  screen.draw();
  const labels = screen.model.get("labels");
  haike.speak(`${labels.choose[0]}，${labels[screen.choice][0]}。`);
}
