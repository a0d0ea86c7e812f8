/* Reads text aloud with the browser's own Chinese voice. Nothing is fetched; without a voice it says so, in words. */
(function () {
  var synth = window.speechSynthesis, said = null;

  function voice() {
    var all = synth ? synth.getVoices() : [];
    var chinese = all.filter(function (v) { return /^(zh|cmn)/i.test(v.lang); });
    return chinese.filter(function (v) { return v.localService && /CN|Hans/i.test(v.lang); })[0] || chinese[0] || null;
  }
  function words(element) {
    var copy = element.cloneNode(true);
    copy.querySelectorAll('rt, button, script, style, .anchor-link').forEach(function (part) { part.remove(); });
    copy.querySelectorAll('img[alt]').forEach(function (image) { image.replaceWith(''); });
    copy.querySelectorAll('h1, h2, h3, p, li').forEach(function (part) { part.append('。'); });
    return copy.textContent.replace(/\s+/g, '').replace(/([。！？：])。/g, '$1');
  }
  function notice(sentence) {
    var box = document.getElementById('haike-notice') || document.body.appendChild(document.createElement('p'));
    box.id = 'haike-notice';
    box.setAttribute('role', 'status');
    box.textContent = sentence;
    setTimeout(function () { box.remove(); }, 6000);
  }
  window.haikeRead = function (element, button) {
    if (synth && said === button) { synth.cancel(); return; }
    if (synth) synth.cancel();
    var chosen = voice();
    if (!chosen) { notice('这台电脑不会读中文，请老师读给你听。'); return; }
    var speech = new SpeechSynthesisUtterance(words(element));
    speech.voice = chosen;
    speech.lang = chosen.lang;
    speech.rate = 0.85;
    speech.onstart = function () { said = button; button.classList.add('on'); };
    speech.onend = speech.onerror = function () { if (said === button) said = null; button.classList.remove('on'); };
    synth.speak(speech);
  };
})();
