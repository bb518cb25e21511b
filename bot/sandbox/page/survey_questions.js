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

/** What an answer may be about, where the server doesn't say. */
export const TOUCHPOINTS = ["support_ticket", "after_onboarding", "checkout", "quarterly", "in_app"];

/** Ready answers. */
export const EXAMPLES = [
  {
    label: "NPS 2, charged twice",
    metric: "nps",
    score: 2,
    comment: "We were charged twice this month and nobody answers my e-mails. Please refund the second invoice.",
    touchpoint: "checkout",
  },
  {
    label: "CSAT 1, closed without an answer",
    metric: "csat",
    score: 1,
    comment: "My ticket was closed and I never got an answer.",
    touchpoint: "support_ticket",
  },
  {
    label: "CES 2, told it four times",
    metric: "ces",
    score: 2,
    comment: "I had to explain my problem four times, to four people.",
    touchpoint: "support_ticket",
  },
  {
    label: "NPS 9, happy",
    metric: "nps",
    score: 9,
    comment: "Setting it up took ten minutes. Lovely.",
    touchpoint: "after_onboarding",
  },
];
