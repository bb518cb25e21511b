/** What the survey asks, and examples of answers. */

/** The three questions: their scale, words, and the last scores that count as low and as neutral. */
export const METRICS = {
  nps: {
    name: "NPS",
    low: 0,
    high: 10,
    ask: "How likely are you to recommend us to a friend or colleague?",
    ends: ["Not at all likely", "Extremely likely"],
    bands: [6, 8],
  },
  csat: {
    name: "CSAT",
    low: 1,
    high: 5,
    ask: "How satisfied are you with us?",
    ends: ["Very dissatisfied", "Very satisfied"],
    bands: [2, 3],
  },
  ces: {
    name: "CES",
    low: 1,
    high: 7,
    ask: "We made it easy for you to get this solved.",
    ends: ["Strongly disagree", "Strongly agree"],
    bands: [3, 4],
  },
};

/** Languages in their own names. */
export const LANGUAGES = {
  en: "English",
  de: "Deutsch",
  fr: "Français",
  es: "Español",
  it: "Italiano",
  nl: "Nederlands",
  pt: "Português",
  pl: "Polski",
  sv: "Svenska",
  ja: "日本語",
  ar: "العربية",
};

/** What an answer may be about. */
export const TOUCHPOINTS = [
  "Support ticket",
  "Delivery",
  "Onboarding",
  "Invoice",
  "Renewal",
  "Website",
  "Store visit",
  "Product in use",
];

/** Ready answers: metric, score, comment, touchpoint. */
export const EXAMPLES = [
  [
    "nps",
    2,
    "I was charged twice this month and nobody answers my e-mails. Please refund the second invoice.",
    "Invoice",
  ],
  ["csat", 1, "The parcel arrived a week late and the box was crushed.", "Delivery"],
  ["ces", 2, "I had to explain my problem four times, to four people.", "Support ticket"],
  ["nps", 9, "Setting it up took ten minutes. Lovely.", "Onboarding"],
];
