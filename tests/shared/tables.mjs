/** Tables that the journeys open: made from a seed, so every run sees the same. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { written } from "./csv.mjs";

/** What people write about, theme by theme: enough for eight segments, with words in common. */
const THEMES = [
  ["entrega atrasada", "transportadora sem notícia", "prazo vencido", "pacote parado no depósito", "rastreio não atualiza"],
  ["produto quebrado", "caixa amassada", "vidro trincado", "peça solta dentro da embalagem", "tela com risco"],
  ["cobrança em dobro", "fatura errada no cartão", "boleto vencido sem aviso", "estorno não caiu", "juros indevidos"],
  ["atendente educada", "suporte respondeu rápido", "conversa resolvida na hora", "ligação clara", "ótimo atendimento"],
  ["aplicativo trava", "senha não funciona", "página de pagamento fora do ar", "erro ao entrar na conta", "tela branca no celular"],
  ["tamanho menor que o anunciado", "cor diferente da foto", "tecido fino demais", "costura aberta", "modelo trocado"],
  ["troca negada", "devolução demorada", "coleta não veio", "código de postagem inválido", "reembolso pela metade"],
  ["preço justo", "promoção verdadeira", "cupom funcionou", "frete barato", "compra que valeu a pena"],
];
const CITIES = ["São Paulo", "Goiânia", "Belém", "Florianópolis", "Maceió"];

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export const HEADER = ["protocolo", "data", "valor", "comentário", "cidade"];

/** Rows of complaints and praise: `protocolo, data, valor, comentário, cidade`, as people in Brazil write them. */
export function complaints(count, seed = 7) {
  const next = numbers(seed);
  const any = (list) => list[Math.floor(next() * list.length)];
  return Array.from({ length: count }, (_, i) => {
    const theme = THEMES[i % THEMES.length];
    const day = String(1 + Math.floor(next() * 28)).padStart(2, "0");
    const text = `${any(theme)}, ${any(theme)} e ${any(theme)}; ${next() < 0.25 ? any(any(THEMES)) : "já falei com a loja"}`;
    return [`P-${String(i + 1).padStart(6, "0")}`, `${day}/08/2025`, (5 + next() * 900).toFixed(2).replace(".", ","), text, any(CITIES)];
  });
}

/** A folder with spaces and accents in its name, as people have them. */
export function folder() {
  return mkdtempSync(join(tmpdir(), "Relatórios do mês – "));
}

/** Writes a file and gives its path. */
export function save(name, bytes, into = folder()) {
  const path = join(into, name);
  writeFileSync(path, bytes);
  return path;
}

/** As a spreadsheet in Brazil saves it: `;`, decimal comma, CRLF, Windows-1252 (here the same as Latin-1). */
export function brazilian(rows) {
  return Buffer.from(written([HEADER, ...rows], { delimiter: ";", lineEnd: "\r\n" }), "latin1");
}

/** With commas, points and UTF-8. */
export function plain(rows) {
  return Buffer.from(written([HEADER, ...rows.map(([id, day, value, ...rest]) => [id, day, value.replace(",", "."), ...rest])]));
}
