"use strict";
(function () {
  const root = document.documentElement;
  root.classList.add("scripted");
  const announcer = document.getElementById("announcer");
  const said = announcer.dataset;
  const forms = new Intl.PluralRules(root.lang);
  const all = (selector) => Array.from(document.querySelectorAll(selector));

  function announce(words) {
    announcer.textContent = "";
    window.setTimeout(function () { announcer.textContent = words; }, 30);
  }

  // --- copy: with the clipboard API if the browser allows it, otherwise (pages opened from a disk) with the older command
  function copyByCommand(text) {
    const area = document.createElement("textarea");
    area.value = text;
    area.setAttribute("readonly", "");
    area.className = "offstage";
    document.body.appendChild(area);
    area.select();
    let done = false;
    try { done = document.execCommand("copy"); } catch (error) { done = false; }
    area.remove();
    return done;
  }

  function copy(text) {
    if (!navigator.clipboard || !window.isSecureContext) { return Promise.resolve(copyByCommand(text)); }
    return navigator.clipboard.writeText(text).then(
      function () { return true; },
      function () { return copyByCommand(text); }
    );
  }

  all("button[data-copy]").forEach(function (button) {
    const label = button.querySelector(".label");
    const resting = label.textContent;
    let timer = 0;
    button.addEventListener("click", function () {
      const text = document.getElementById(button.dataset.copy).textContent;
      copy(text).then(function (done) {
        label.textContent = done ? said.copied : said.pressCopy;
        button.classList.toggle("done", done);
        announce(done ? said.wasCopied : said.copyRefused);
        button.focus();
        window.clearTimeout(timer);
        timer = window.setTimeout(function () {
          label.textContent = resting;
          button.classList.remove("done");
        }, 1800);
      });
    });
  });

  // --- filter by complexity
  const filters = all("button[data-filter]");
  const questions = all("article[data-complexity]");

  function show(level) {
    let count = 0;
    questions.forEach(function (question) {
      question.hidden = level !== "all" && question.dataset.complexity !== level;
      count += question.hidden ? 0 : 1;
    });
    filters.forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.dataset.filter === level));
    });
    all("[data-scene]").forEach(function (scene) {
      const some = Array.from(scene.querySelectorAll("article[data-complexity]")).some(function (question) {
        return !question.hidden;
      });
      scene.classList.toggle("filtered-empty", !some && level !== "all");
    });
    announce((forms.select(count) === "one" ? said.shownOne : said.shownOther).replace("{count}", count));
  }

  filters.forEach(function (button) {
    button.addEventListener("click", function () { show(button.dataset.filter); });
  });

  // A link to a question that a filter hides must still lead to it, so the filter is removed.
  function reveal() {
    const target = document.getElementById(window.location.hash.slice(1));
    if (target && target.hidden) {
      show("all");
      target.scrollIntoView();
    }
  }
  window.addEventListener("hashchange", reveal);

  // --- open all details: by the button, and for printing
  const details = all("main details");
  const expand = document.getElementById("expand");
  expand.addEventListener("click", function () {
    const open = expand.getAttribute("aria-pressed") !== "true";
    details.forEach(function (one) { one.open = open; });
    expand.setAttribute("aria-pressed", String(open));
    expand.textContent = open ? expand.dataset.close : expand.dataset.open;
  });

  let closed = [];
  window.addEventListener("beforeprint", function () {
    closed = details.filter(function (one) { return !one.open; });
    closed.forEach(function (one) { one.open = true; });
  });
  window.addEventListener("afterprint", function () {
    closed.forEach(function (one) { one.open = false; });
    closed = [];
  });

  // --- A light logo was made for a dark header and gets a dark plate. The pixels at the edge of its shape decide.
  function isLight(image) {
    const width = image.clientWidth, height = image.clientHeight;
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(image, 0, 0, width, height);
    const pixels = context.getImageData(0, 0, width, height).data;
    const opaque = function (x, y) { return pixels[(y * width + x) * 4 + 3] > 140; };
    let edge = 0, light = 0;
    for (let y = 1; y < height - 1; y += 1) {
      for (let x = 1; x < width - 1; x += 1) {
        if (!opaque(x, y) || (opaque(x - 1, y) && opaque(x + 1, y) && opaque(x, y - 1) && opaque(x, y + 1))) { continue; }
        const start = (y * width + x) * 4;
        edge += 1;
        // Rec. 709 luma, 0 to 255
        light += 0.2126 * pixels[start] + 0.7152 * pixels[start + 1] + 0.0722 * pixels[start + 2] > 190 ? 1 : 0;
      }
    }
    return edge > 0 && light / edge > 0.4;
  }

  all(".logo img").forEach(function (image) {
    image.decode().then(function () {
      try { image.parentElement.classList.toggle("on-dark", isLight(image)); } catch (error) { /* pixels cannot be read: the logo stays on white */ }
    }, function () {
      // The picture cannot be decoded: show the name instead.
      const name = document.createElement("span");
      name.className = "wordmark";
      name.dir = "auto";
      name.textContent = image.alt;
      image.parentElement.replaceWith(name);
    });
  });

  // --- mark the section that is visible in the navigation
  if ("IntersectionObserver" in window) {
    const links = all("nav a[href^='#']");
    const watcher = new IntersectionObserver(function (entries) {
      entries.forEach(function (entry) {
        if (!entry.isIntersecting) { return; }
        links.forEach(function (link) {
          if (link.getAttribute("href") === "#" + entry.target.id) {
            link.setAttribute("aria-current", "true");
          } else {
            link.removeAttribute("aria-current");
          }
        });
      });
    }, { rootMargin: "-20% 0px -70% 0px" });
    all("main > section[id]").forEach(function (section) { watcher.observe(section); });
  }
})();
