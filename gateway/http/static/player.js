// A player for what is heard: one button, where it is, how long it is, how fast.

import { icon, make } from "./dom.js";
import { clock } from "./words.js";

const SPEEDS = [1, 1.5, 2];

/**
 * `load` is asked for the address when it is played first. `seconds` is what the platform says
 * until the sound itself is known.
 */
export function soundNode(word, seconds, load) {
  const play = make("button", { type: "button", class: "round" }, icon("play"));
  const place = make("input", { type: "range", min: 0, max: 1000, value: 0, step: 1, disabled: true });
  const time = make("span", { class: "time" }, clock(seconds));
  const speed = make("button", { type: "button", class: "plain speed", hidden: true }, "1×");
  const node = make("div", { class: "sound", role: "group", "aria-label": word }, play, place, time, speed);
  place.setAttribute("aria-label", `Position in ${word.toLowerCase()}`);
  speed.setAttribute("aria-label", "Speed 1");
  name(play, "play", word);
  let sound = null;
  play.addEventListener("click", () =>
    load(play, async (address) => {
      if (!sound) {
        sound = make("audio", { src: address, preload: "auto" });
        node.append(sound);
        wire(sound, { play, place, time, speed, word, seconds });
      }
      await (sound.paused ? sound.play() : sound.pause());
    }),
  );
  return node;
}

function name(button, act, word) {
  button.replaceChildren(icon(act));
  button.setAttribute("aria-label", `${act === "play" ? "Play" : "Pause"} ${word.toLowerCase()}`);
}

function wire(sound, { play, place, time, speed, word, seconds }) {
  const length = () => (Number.isFinite(sound.duration) && sound.duration) || seconds || 0;
  const follow = () => {
    place.value = length() ? (1000 * sound.currentTime) / length() : 0;
    time.textContent = `${clock(sound.currentTime)} / ${clock(length())}`;
    place.setAttribute("aria-valuetext", time.textContent);
  };
  place.disabled = speed.hidden = false;
  for (const event of ["timeupdate", "loadedmetadata", "ended"]) sound.addEventListener(event, follow);
  sound.addEventListener("play", () => name(play, "pause", word));
  for (const event of ["pause", "ended"]) sound.addEventListener(event, () => name(play, "play", word));
  place.addEventListener("input", () => (sound.currentTime = (place.value / 1000) * length()));
  speed.addEventListener("click", () => {
    sound.playbackRate = SPEEDS[(SPEEDS.indexOf(sound.playbackRate) + 1) % SPEEDS.length];
    speed.textContent = `${sound.playbackRate}×`;
    speed.setAttribute("aria-label", `Speed ${sound.playbackRate}`);
  });
}
