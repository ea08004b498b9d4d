/** Which words of a query count, as the index has it: any of them may be in a row, the common ones count for nothing. */

/** Portuguese function words, which the index passes over unless a query has no others. */
export const COMMON = new Set(
  `ao aos aquela aquelas aquele aqueles aquilo as até com como contra da das de dela delas dele deles depois desde
  dessa dessas desse desses desta destas deste destes disso disto do dos durante ela elas ele eles em entre era eram
  essa essas esse esses esta estamos estar estas estava estavam este esteja estes esteve estive estou está estão eu
  foi fomos for fora foram fosse fossem fui havia haver hei houve há hão isso isto já lhe lhes mais mas me mesma
  mesmas mesmo mesmos meu meus minha minhas muito na nas nem nessa nessas nesse nesses nesta nestas neste nestes no
  nos nossa nossas nosso nossos num numa não nós os ou para pela pelas pelo pelos per perante pois por porque pra
  qual quais quando que quem se sem sendo ser será serão seja sejam seria seriam seu seus sido sob sobre somos sou
  sua suas são só também te tem temos tenha tenham tenho ter terá terão teve tinha tinham tive tiveram tu tua tuas
  teu teus têm um uma umas uns vai vamos vão você vocês vos vou às é éramos`.split(/\s+/),
);

/** A pasted page is no query. */
const MOST = 64;

/** What a word is made of: letters, digits, and the accents that stand apart from their letters. */
export const WORD = /[\p{L}\p{N}\p{M}]+/gu;

/** A word without case and accents. */
export function folded(word: string): string {
  return word.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** The words of a query that count, folded. */
export function queryWords(query: string): ReadonlySet<string> {
  const words = [...new Set(query.normalize("NFC").toLowerCase().match(WORD) ?? [])].slice(0, MOST);
  const heavy = words.filter((word) => !COMMON.has(word) && !/^\p{L}$/u.test(word));
  return new Set((heavy.length > 0 ? heavy : words).map(folded));
}
