// Search over Sphinx's own index (searchindex.js is a classic script: it loads from file:// too).
// The index holds words as jieba cut them; a query is cut here by the longest words the index knows.
(function () {
  "use strict";
  var KIND = { lessons: "课文", plans: "教案", sheets: "学习单" }, HAN = /[\u3400-\u9fff]/;
  var notes = JSON.parse(document.getElementById("notes").textContent);
  var told = document.getElementById("told"), list = document.getElementById("hits"), box = document.getElementById("q");
  var query = new URLSearchParams(window.location.search).get("q") || "";

  function asList(found) { return found === undefined ? [] : Array.isArray(found) ? found : [found]; }

  function cut(text, known) {
    var pieces = [];
    (text.toLowerCase().match(/[\u3400-\u9fff]+|[a-z0-9_]+/g) || []).forEach(function (run) {
      if (!HAN.test(run)) { pieces.push(run); return; }
      var at = 0;
      while (at < run.length) {
        var length = run.length - at;
        while (length > 1 && !known(run.slice(at, at + length))) length--;
        pieces.push(run.slice(at, at + length));
        at += length;
      }
    });
    return pieces;
  }

  // doc number → how well it fits one piece of the query
  function rank(piece, index) {
    var scores = {};
    function add(table, exact, partly) {
      Object.keys(table).forEach(function (term) {
        var worth = term === piece ? exact : (term.indexOf(piece) >= 0 || (!HAN.test(piece) && term.length > 2 && piece.indexOf(term) === 0)) ? partly : 0;
        if (worth) asList(table[term]).forEach(function (doc) { scores[doc] = Math.max(scores[doc] || 0, worth); });
      });
    }
    add(index.titleterms, 15, 8);
    add(index.terms, 5, 2);
    return scores;
  }

  function find(text, index) {
    var known = function (word) { return word in index.terms || word in index.titleterms; };
    var pieces = cut(text, known), total = null;
    pieces.forEach(function (piece) {
      var scores = rank(piece, index), next = {};
      // The index leaves single characters out: one that it does not know says nothing against a page.
      if (piece.length === 1 && pieces.length > 1 && !Object.keys(scores).length) return;
      Object.keys(scores).forEach(function (doc) { if (total === null || doc in total) next[doc] = (total ? total[doc] : 0) + scores[doc]; });
      total = next;
    });
    total = total || {};
    index.titles.forEach(function (title, doc) { if (text && title.indexOf(text) >= 0) total[doc] = (total[doc] || 0) + 1; });
    var hits = Object.keys(total).map(function (doc) {
      var name = index.docnames[doc], whole = index.titles[doc].indexOf(text) >= 0 ? 20 : 0;
      return { name: name, title: index.titles[doc], score: total[doc] + whole + (name.indexOf("lessons/") === 0 ? 3 : 0) };
    });
    return hits.sort(function (a, b) { return b.score - a.score || (a.name < b.name ? -1 : 1); });
  }

  function show(hits) {
    list.textContent = "";
    told.textContent = !query.trim() ? "" : hits.length ? "找到 " + hits.length + " 页" : "没有找到。换一个短一点的词，再试试。";
    hits.forEach(function (hit) {
      var place = hit.name.split("/"), note = notes[hit.name] || {}, item = document.createElement("li");
      var link = document.createElement("a"), small = document.createElement("p"), line = document.createElement("p");
      link.href = hit.name + ".html";
      link.textContent = hit.title.replace(/^(教案|学习单)：/, "");
      small.className = "b-muted";
      small.textContent = [KIND[place.length > 1 ? place[0] : ""] || "网页", note.grade || ""].filter(Boolean).join(" · ");
      line.textContent = note.summary || "";
      item.appendChild(link);
      item.appendChild(small);
      if (note.summary) item.appendChild(line);
      list.appendChild(item);
    });
  }

  box.value = query;
  window.Search = { setIndex: function (index) { show(find(query.trim(), index)); } };
})();
