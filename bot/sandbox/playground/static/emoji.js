// Short names of emoji, those that teams use most; an unknown name stays as it was written.

const NAMES = {
  "+1": "👍", "-1": "👎", thumbsup: "👍", thumbsdown: "👎", ok_hand: "👌", clap: "👏", wave: "👋", pray: "🙏",
  raised_hands: "🙌", muscle: "💪", eyes: "👀", point_right: "👉", point_left: "👈", point_up: "☝️", point_down: "👇",
  smile: "😄", grinning: "😀", slightly_smiling_face: "🙂", joy: "😂", wink: "😉", thinking_face: "🤔", sob: "😭",
  cry: "😢", sweat_smile: "😅", sunglasses: "😎", scream: "😱", tada: "🎉", confetti_ball: "🎊", sparkles: "✨",
  star: "⭐", fire: "🔥", boom: "💥", rocket: "🚀", ship: "🚢", package: "📦", truck: "🚚", robot_face: "🤖",
  heart: "❤️", broken_heart: "💔", "100": "💯", white_check_mark: "✅", heavy_check_mark: "✔️", ballot_box_with_check: "☑️",
  x: "❌", negative_squared_cross_mark: "❎", warning: "⚠️", no_entry: "⛔", no_entry_sign: "🚫", octagonal_sign: "🛑",
  rotating_light: "🚨", question: "❓", exclamation: "❗", information_source: "ℹ️", bulb: "💡", mag: "🔍", bell: "🔔",
  no_bell: "🔕", lock: "🔒", unlock: "🔓", key: "🔑", wrench: "🔧", hammer: "🔨", gear: "⚙️", construction: "🚧",
  hourglass: "⌛", hourglass_flowing_sand: "⏳", stopwatch: "⏱️", alarm_clock: "⏰", calendar: "📅", date: "📅",
  clock9: "🕘", chart_with_upwards_trend: "📈", chart_with_downwards_trend: "📉", bar_chart: "📊", clipboard: "📋",
  memo: "📝", pushpin: "📌", paperclip: "📎", link: "🔗", speech_balloon: "💬", mega: "📣", email: "📧",
  inbox_tray: "📥", outbox_tray: "📤", bug: "🐛", beetle: "🪲", snail: "🐌", turtle: "🐢", cat: "🐱", dog: "🐶",
  coffee: "☕", beer: "🍺", cake: "🍰", pizza: "🍕", sunny: "☀️", umbrella: "☔", snowflake: "❄️", rainbow: "🌈",
  zap: "⚡", earth_africa: "🌍", red_circle: "🔴", large_orange_circle: "🟠", large_yellow_circle: "🟡",
  large_green_circle: "🟢", large_blue_circle: "🔵", white_circle: "⚪", black_circle: "⚫", arrow_right: "➡️",
  arrow_left: "⬅️", arrow_up: "⬆️", arrow_down: "⬇️", arrows_counterclockwise: "🔄", rewind: "⏪", fast_forward: "⏩",
  triangular_flag_on_post: "🚩", checkered_flag: "🏁", waving_white_flag: "🏳️", trophy: "🏆", gift: "🎁", see_no_evil: "🙈",
};

export const SHORT_NAME = /:([a-z0-9_+'-]+):/;

/** The character of that short name; null where we do not know it. */
export function emoji(name) {
  return Object.hasOwn(NAMES, name) ? NAMES[name] : null;
}
