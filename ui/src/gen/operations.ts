// Generated from src-tauri/app by `make types`. Do not edit.

/**
 * Asks what this Mirante is.
 */
export type AboutRequest = Record<symbol, never>;

/**
 * What this Mirante is and runs on.
 */
export type AboutResponse = { 
/**
 * Its version.
 */
version: string, 
/**
 * Where it keeps its data.
 */
home: string, 
/**
 * Worker threads.
 */
threads: number, 
/**
 * Main memory of the machine in bytes.
 */
memory: number, 
/**
 * What computes: `cpu`.
 */
device: string, 
/**
 * In which precision.
 */
precision: string, 
/**
 * The widest vector instructions in use: `avx512`, `avx2` or `scalar`.
 */
simd: string, };

/**
 * What could be an answer.
 */
export type AnswerCandidate = { 
/**
 * Its text; null for "no answer".
 */
answer: string | null, 
/**
 * Its first character in the text; null without an answer.
 */
start: number | null, 
/**
 * The character after its last.
 */
end: number | null, 
/**
 * The sum of what its first and last token have.
 */
score: number, 
/**
 * Its share among all candidates.
 */
probability: number, };

/**
 * What is taken for an answer.
 */
export type AnswerChoice = { 
/**
 * Candidates that are told.
 */
most: number, 
/**
 * Most tokens of an answer.
 */
longest: number, 
/**
 * By how much "no answer" must be the likelier to be given.
 */
threshold: number, 
/**
 * Whether there always is an answer.
 */
must: boolean, };

/**
 * How contexts are read, and what is taken for an answer.
 */
export type AnswerReading = { 
/**
 * Tokens that a window shares with the one before.
 */
doc_stride: number, 
/**
 * Most tokens of an answer.
 */
max_answer_length: number, 
/**
 * Candidates that are weighed.
 */
n_best_size: number, 
/**
 * By how much "no answer" must be the likelier to be given; only where some question has none.
 */
null_score_diff_threshold: number, };

/**
 * Asks a question of a few texts.
 */
export type AnswerRequest = { 
/**
 * The question.
 */
question: string, 
/**
 * The texts.
 */
contexts: Array<string>, 
/**
 * What is taken for an answer.
 */
choice?: AnswerChoice, 
/**
 * How.
 */
settings?: ModelSettings, };

/**
 * The answers.
 */
export type AnswerResponse = { 
/**
 * One for every text, in their order.
 */
answers: Array<Answered>, 
/**
 * The model.
 */
model: string, 
/**
 * What it ran on.
 */
ran_on: RanOn, };

/**
 * Asks a question of every row of a table; appends the answer and its share. A job.
 */
export type AnswerTableRequest = { 
/**
 * The question.
 */
question: string, 
/**
 * The table.
 */
table: InferTable, 
/**
 * What is taken for an answer.
 */
choice?: AnswerChoice, 
/**
 * How.
 */
settings?: ModelSettings, };

/**
 * What a text says of a question.
 */
export type Answered = { 
/**
 * The answer; null where "no answer" is the likelier.
 */
answer: string | null, 
/**
 * The answer's share among all candidates, or that of "no answer".
 */
probability: number, 
/**
 * Its first character in the text; null without an answer.
 */
start: number | null, 
/**
 * The character after its last.
 */
end: number | null, 
/**
 * By how much the best answer is the likelier than none; below 0 none is.
 */
margin: number, 
/**
 * The best first.
 */
candidates: Array<AnswerCandidate>, };

/**
 * Looks for fields in a document, or in those of an archive, by rules and by a model. A job.
 */
export type AskQaRequest = { 
/**
 * An archive of documents; either this or `text`.
 */
zip?: string, 
/**
 * A text.
 */
text?: string, 
/**
 * The fields that are looked for; all that the rules know unless said.
 */
fields?: Array<string>, 
/**
 * A file of rules; those for Brazilian processes unless said.
 */
questions?: string, 
/**
 * A question of one's own, for a model, in place of the rules.
 */
question?: string, 
/**
 * The model that is asked the rules' questions too; none unless said, but for `question`.
 */
settings?: ModelSettings, 
/**
 * What is told has this score at least.
 */
min_score?: number, };

/**
 * What was found.
 */
export type AskQaResponse = { 
/**
 * Documents that were read, in the archive's order.
 */
documents: Array<QaDocument>, 
/**
 * By document; what rules found first, by field and place.
 */
found: Array<QaFound>, 
/**
 * Documents that were not read, and why.
 */
refused: Array<RefusedDocument>, 
/**
 * The model; null where none was asked.
 */
model: string | null, 
/**
 * What it ran on.
 */
ran_on: RanOn | null, };

/**
 * Puts the rows of a file into the segments of a saved model. A job.
 */
export type AssignRequest = { 
/**
 * A model file that a segmentation saved.
 */
model: string, 
/**
 * The rows.
 */
source: Source, 
/**
 * Where to write every record with its segment appended.
 */
out: string, 
/**
 * Name of the appended column.
 */
label_col?: string, };

/**
 * Where the rows went.
 */
export type AssignResponse = { 
/**
 * Rows assigned.
 */
rows: number, 
/**
 * Rows a segment got, by id.
 */
segments: Array<Segment>, 
/**
 * The written table's path.
 */
out: string, 
/**
 * Cautions.
 */
warnings: Array<Warning>, 
/**
 * Row issues of the source file.
 */
issues: Array<RowIssue>, };

/**
 * Makes examples to learn from out of a table or of stored answers. A job.
 */
export type BuildExamplesRequest = { 
/**
 * A table with what was asked and what was answered.
 */
source?: Source, 
/**
 * Its column with what was asked.
 */
prompt_col?: string, 
/**
 * Its column with the answers.
 */
reply_col?: string, 
/**
 * In place of a table: JSON Lines of stored answers (`query`, `answer`), Alpaca's form (`instruction`,
 * `input`, `output`) or conversations (`messages`).
 */
events?: string, 
/**
 * Where to write them, one a line.
 */
out: string, 
/**
 * The most that are written; among more, they are drawn by `seed`.
 */
max_samples?: number, 
/**
 * Leave CPF, CNPJ, e-mail addresses and telephone numbers as they are.
 */
keep_personal?: boolean, 
/**
 * What chances are drawn from.
 */
seed?: number, };

/**
 * What was written.
 */
export type BuildExamplesResponse = { 
/**
 * Rows or lines read.
 */
read: number, 
/**
 * Examples written.
 */
written: number, 
/**
 * Left out: the same as one before.
 */
duplicates: number, 
/**
 * Left out: without a question or without an answer.
 */
empty: number, 
/**
 * Left out: there were more than wanted.
 */
beyond: number, 
/**
 * How often personal data of each kind were masked.
 */
masked: Record<string, number>, 
/**
 * The file.
 */
out: string, };

/**
 * Makes examples of a folder of zip archives, as SQuAD has them: JSON Lines of `{id, question, context,
 * answers, metadata}`. A job; the same archives give the same bytes.
 */
export type BuildQaRequest = { 
/**
 * The folder; archives in folders within it are not read.
 */
zip_dir: string, 
/**
 * Where to write the examples.
 */
out: string, 
/**
 * The fields that are asked for; all that the rules know unless said.
 */
fields?: Array<string>, 
/**
 * A file of rules; those for Brazilian processes unless said.
 */
questions?: string, 
/**
 * Characters of context on either side of an answer.
 */
window?: number, 
/**
 * Archives that are read at once.
 */
workers?: number, 
/**
 * Most archives; all of them unless said.
 */
limit?: number, 
/**
 * Whether questions that a document does not answer are written too, without answers.
 */
allow_empty?: boolean, };

/**
 * What was made of the archives.
 */
export type BuildQaResponse = { 
/**
 * Archives.
 */
zips: number, 
/**
 * Documents that were read.
 */
documents: number, 
/**
 * Examples that were written.
 */
examples: number, 
/**
 * Those of them without an answer.
 */
unanswered: number, 
/**
 * Examples with an answer, by field.
 */
fields: Record<string, number>, 
/**
 * What was not read, and why.
 */
refused: Array<RefusedDocument>, 
/**
 * Wall-clock seconds.
 */
seconds: number, 
/**
 * The file.
 */
out: string, };

/**
 * Makes a run the one in focus.
 */
export type ChooseRunRequest = { 
/**
 * Which table.
 */
dataset: number, 
/**
 * Which of its runs.
 */
run: number, };

/**
 * A class with its score.
 */
export type ClassScore = { 
/**
 * The class.
 */
label: string, 
/**
 * Its score.
 */
score: number, };

/**
 * What the rows of each class weigh.
 */
export type ClassWeights = "balanced" | "none";

/**
 * The class of a text.
 */
export type Classified = { 
/**
 * The likeliest.
 */
label: string, 
/**
 * Its score, between 0 and 1.
 */
score: number, 
/**
 * All of them, the likeliest first.
 */
scores: Array<ClassScore>, };

/**
 * What a classifier learns from.
 */
export type ClassifierFeatures = "tfidf" | { "embeddings": EmbedSettings };

/**
 * How good a classifier is, on rows that it did not learn from.
 */
export type ClassifierFigures = { 
/**
 * Rows of the table.
 */
rows: number, 
/**
 * Rows it learnt from.
 */
trained: number, 
/**
 * Rows it was measured on.
 */
validated: number, 
/**
 * Rows without a text, left out.
 */
without_text: number, 
/**
 * Rows without a class, left out.
 */
without_label: number, 
/**
 * Numbers that a text becomes: terms, or those of a vector.
 */
features: number, 
/**
 * Steps of the solver.
 */
iterations: number, 
/**
 * Whether it came to rest.
 */
converged: boolean, 
/**
 * The share of rows in their right class.
 */
accuracy: number, 
/**
 * The mean of the classes' F1.
 */
macro_f1: number, 
/**
 * The share that one would get right by always taking the most frequent class.
 */
baseline: number, 
/**
 * By class, in the order of the alphabet.
 */
classes: Array<LabelFigures>, 
/**
 * By right class, in it by the class that was found: rows.
 */
confusion: Array<Array<number>>, 
/**
 * How much better it got with more rows.
 */
learning_curve: Array<LearningPoint>, };

/**
 * What learns.
 */
export type ClassifierKind = "linear";

/**
 * Asks for the classes of a few texts.
 */
export type ClassifyRequest = { 
/**
 * The texts.
 */
texts: Array<string>, 
/**
 * How.
 */
settings?: ModelSettings, };

/**
 * The classes of some texts.
 */
export type ClassifyResponse = { 
/**
 * One for every text, in their order.
 */
results: Array<Classified>, 
/**
 * The model.
 */
model: string, 
/**
 * What it ran on.
 */
ran_on: RanOn, 
/**
 * Texts that were too long for the model and were cut off.
 */
cut: number, };

/**
 * Asks for the class of every row of a table; appends the class and its score. A job.
 */
export type ClassifyTableRequest = { 
/**
 * The table.
 */
table: InferTable, 
/**
 * How.
 */
settings?: ModelSettings, };

/**
 * A column and what was found in it.
 */
export type Column = { 
/**
 * Trimmed, never empty, unique in its table.
 */
name: string, 
/**
 * What the values are.
 */
kind: Kind, 
/**
 * What the column is for.
 */
role: Role, 
/**
 * For kind date: order of day and month in this column, named as in [`ReadOptions`]; the
 * table's unless given.
 */
date_order?: string, 
/**
 * Rows without a value.
 */
missing: number, 
/**
 * Different values; at least this many when `distinct_exact` is false.
 */
distinct: number, 
/**
 * Whether every different value was counted.
 */
distinct_exact: boolean, 
/**
 * A few of the values.
 */
sample: Array<string>, };

/**
 * What a column holds within a view.
 */
export type ColumnStatsRequest = { 
/**
 * Which table.
 */
dataset: number, 
/**
 * Which column.
 */
column: string, 
/**
 * Which of its rows.
 */
view?: View, };

/**
 * Statistics of a column within a view.
 */
export type ColumnStatsResponse = { 
/**
 * Rows in the view.
 */
rows: number, 
/**
 * Rows without a value.
 */
missing: number, 
/**
 * Different values.
 */
distinct: number, 
/**
 * The most frequent values, at most 20.
 */
top: Array<ValueCount>, 
/**
 * For numbers and dates.
 */
range: RangeStats | null, 
/**
 * For text: mean length of a value in characters.
 */
mean_length: number | null, 
/**
 * For numbers and dates: equal-width bins between least and greatest.
 */
histogram: Array<number>, };

/**
 * An imported table.
 */
export type Dataset = { 
/**
 * Names it in requests.
 */
id: number, 
/**
 * The file's name without its extension; the person can change it.
 */
name: string, 
/**
 * Where it came from.
 */
path: string, 
/**
 * Format of the source.
 */
format: Format, 
/**
 * How the source was read, every guess filled in.
 */
options: ReadOptions, 
/**
 * Line end of the source: `lf`, `crlf` or `cr`.
 */
line_end: string, 
/**
 * Size of the source.
 */
bytes: number, 
/**
 * Rows.
 */
rows: number, 
/**
 * Columns in the file's order.
 */
columns: Array<Column>, 
/**
 * Row issues found on import.
 */
issues: number, 
/**
 * Unix time in milliseconds.
 */
imported_at: number, 
/**
 * Unix time in milliseconds.
 */
opened_at: number, 
/**
 * The segmentation in focus, if there is one.
 */
run: number | null, 
/**
 * Whether this is the sample that Mirante ships.
 */
is_sample: boolean, };

/**
 * Names one table. Asking for it makes it the last used.
 */
export type DatasetRequest = { 
/**
 * Which.
 */
dataset: number, };

/**
 * Lists the imported tables, the last used first.
 */
export type DatasetsRequest = Record<symbol, never>;

/**
 * Every imported table.
 */
export type DatasetsResponse = { 
/**
 * The last used first.
 */
datasets: Array<Dataset>, };

/**
 * An empty answer: it was done.
 */
export type Done = Record<symbol, never>;

/**
 * Makes vectors of a few texts.
 */
export type EmbedRequest = { 
/**
 * The texts.
 */
texts: Array<string>, 
/**
 * How.
 */
settings?: EmbedSettings, };

/**
 * The vectors of some texts.
 */
export type EmbedResponse = { 
/**
 * One for every text, in their order.
 */
embeddings: Array<Array<number>>, 
/**
 * Where they can be compared.
 */
space: Space, 
/**
 * What it ran on.
 */
ran_on: RanOn, 
/**
 * Texts that were too long for the model and were cut off.
 */
cut: number, };

/**
 * Wall-clock seconds by stage.
 */
export type EmbedSeconds = { 
/**
 * Reading the model.
 */
load: number, 
/**
 * Reading texts, making vectors and writing them.
 */
embed: number, };

/**
 * How texts become vectors.
 */
export type EmbedSettings = { 
/**
 * A folder, or a repository of the hub that is on this machine.
 */
model: string, 
/**
 * What the texts are, for models that want to be told.
 */
role: TextRole, 
/**
 * Make every vector 1 long, also where the model does not.
 */
normalize: boolean, 
/**
 * The most texts that go through the model together on one thread.
 */
batch: number, 
/**
 * `auto`, `cpu`, `cuda:N` or `metal`.
 */
device: string, 
/**
 * `auto`, `f32`, `f16`, `bf16` or `int8`; what a model does not know there is refused.
 */
precision: string, };

/**
 * Makes a vector of every row of a table and writes them to a file. A job.
 */
export type EmbedTableRequest = { 
/**
 * The rows.
 */
source: Source, 
/**
 * Columns whose text is joined by one space; see
 * [`SegmentSettings::text_cols`](super::segment::SegmentSettings::text_cols).
 */
text_cols?: Array<string>, 
/**
 * The column that a row is known by; without one it is the row's place, from 0.
 */
id_col?: string, 
/**
 * How.
 */
settings?: EmbedSettings, 
/**
 * Where to write; into the exports folder unless said.
 */
out?: string, 
/**
 * In which format; by the name's ending where it is not said, else JSON.
 */
format?: VectorFormat, };

/**
 * What was written.
 */
export type EmbedTableResponse = { 
/**
 * Rows.
 */
rows: number, 
/**
 * The columns that were read.
 */
text_cols: Array<string>, 
/**
 * Where the vectors can be compared.
 */
space: Space, 
/**
 * What it ran on.
 */
ran_on: RanOn, 
/**
 * Texts that were too long for the model and were cut off.
 */
cut: number, 
/**
 * Wall-clock seconds of reading the model, and of all the rest.
 */
seconds: EmbedSeconds, 
/**
 * The file.
 */
out: string, };

/**
 * A small change in place of the whole model (LoRA).
 */
export type EncoderLora = { 
/**
 * Rank of the change.
 */
r: number, 
/**
 * The change counts alpha / r times.
 */
alpha: number, 
/**
 * Share of the inputs that a step leaves out.
 */
dropout: number, 
/**
 * Names of the maps that are changed; those of queries and values unless said.
 */
targets: Array<string>, };

/**
 * How a model that reads is taught.
 */
export type EncoderSettings = { 
/**
 * Learn a small change in place of the whole model.
 */
lora?: EncoderLora, 
/**
 * Leave the vectors of words and positions as they are: less memory, nearly as good.
 */
freeze_embeddings: boolean, 
/**
 * What does the arithmetic: `auto` (a graphics card if there is one, else the processor), `cpu`,
 * `cuda:N` or `metal`.
 */
device: string, 
/**
 * What products are worked in: `auto`, `f32`, and on a card `f16` or `bf16`.
 */
precision: string, 
/**
 * Times that every example is seen.
 */
epochs: number, 
/**
 * The highest learning rate.
 */
learning_rate: number, 
/**
 * Its course.
 */
schedule: RateSchedule, 
/**
 * Share of the steps in which it grows.
 */
warmup_ratio: number, 
/**
 * Decay of what is learned but biases and norms, times the learning rate.
 */
weight_decay: number, 
/**
 * The longest that the gradients may be; 0 lets them be.
 */
max_grad_norm: number, 
/**
 * Examples at once.
 */
batch_size: number, 
/**
 * Examples at once where nothing is learned.
 */
eval_batch_size: number, 
/**
 * Batches a step.
 */
gradient_accumulation: number, 
/**
 * Tokens of a text after which it is cut off, or read in several windows.
 */
max_length: number, 
/**
 * Keep less for the way back: less memory, a third more time.
 */
gradient_checkpointing: boolean, 
/**
 * What takes the steps.
 */
optimizer: Optimizer, 
/**
 * Evaluations without a better one after which it ends; 0 for never.
 */
early_stopping_patience: number, 
/**
 * Steps between evaluations, beside that after every epoch; 0 for none.
 */
eval_steps: number, 
/**
 * Steps between checkpoints, beside that after every epoch; 0 for none.
 */
save_steps: number, 
/**
 * Steps at most; 0 sets no limit.
 */
max_steps: number, 
/**
 * What chances are drawn from.
 */
seed: number, };

/**
 * What a model learns to say of texts, and from what.
 */
export type EncoderTask = { "kind": "classify", 
/**
 * A table.
 */
source: Source, 
/**
 * Columns whose text is joined by one space; see
 * [`SegmentSettings::text_cols`](super::segment::SegmentSettings::text_cols).
 */
text_cols?: Array<string>, 
/**
 * The column with the classes.
 */
label_col: string, 
/**
 * What a row weighs.
 */
class_weights?: ClassWeights, 
/**
 * The share of every class that is measured on and not learned.
 */
validation_split?: number, } | { "kind": "tag", 
/**
 * Sentences, a word and its label a line, an empty line between them (CoNLL, BIO).
 */
train_file: string, 
/**
 * Sentences to measure on.
 */
validation_file?: string, 
/**
 * Without such a file, the share of the sentences that is measured on and not learned.
 */
validation_split?: number, } | { "kind": "answer", 
/**
 * Questions with their answers: SQuAD's JSON, or JSON Lines of
 * `{id, question, context, answers}`.
 */
train_file: string, 
/**
 * Questions to measure on.
 */
validation_file?: string, 
/**
 * Without such a file, the share of the contexts that is measured on and not learned.
 */
validation_split?: number, 
/**
 * How contexts are read, and what is taken for an answer when it is measured.
 */
reading?: AnswerReading, 
/**
 * The most questions that are learned, the first ones.
 */
max_train_samples?: number, 
/**
 * The most questions that are measured on, the first ones.
 */
max_eval_samples?: number, };

/**
 * Measures how well a model answers. A job.
 */
export type EvalQaRequest = { 
/**
 * Questions with their answers: SQuAD's JSON, or JSON Lines of `{id, question, context, answers}`.
 */
dataset: string, 
/**
 * The model, and how it runs.
 */
settings?: ModelSettings, 
/**
 * How answers are chosen.
 */
choice?: QaChoice, 
/**
 * Most questions, the first ones; all of them unless said.
 */
limit?: number, 
/**
 * Where to write every prediction with its context, answers and scores, as JSON.
 */
predictions_out?: string, };

/**
 * How well it answered.
 */
export type EvalQaResponse = { 
/**
 * Whose rules counted: `1.1` where every question has an answer, else `2.0`.
 */
squad: string, 
/**
 * Over all questions.
 */
all: QaScores, 
/**
 * Over those that their text answers; null where that is all of them.
 */
has_answer: QaScores | null, 
/**
 * Over those that it does not.
 */
no_answer: QaScores | null, 
/**
 * With which threshold the exact matches would be most; null where every question has an answer.
 */
best_exact: QaThreshold | null, 
/**
 * With which threshold F1 would be highest.
 */
best_f1: QaThreshold | null, 
/**
 * Answers that did not stand at their place.
 */
issues: Array<QaIssue>, 
/**
 * Questions left out because none of their answers stands in their text.
 */
left_out: number, 
/**
 * Ids of questions left out because they leave no room for their text among the model's tokens.
 */
too_long: Array<string>, 
/**
 * The model.
 */
model: string, 
/**
 * What it ran on.
 */
ran_on: RanOn, 
/**
 * Wall-clock seconds of reading the model, and of answering.
 */
seconds: QaSeconds, 
/**
 * The predictions' file, if one was written.
 */
predictions_out: string | null, };

/**
 * Measures how well searching finds what people judged to be right, in a folder as BEIR has them
 * (<https://github.com/beir-cellar/beir>). A job.
 */
export type EvalRetrievalRequest = { 
/**
 * JSON Lines of `{_id, title, text}`.
 */
corpus: string, 
/**
 * JSON Lines of `{_id, text}`.
 */
queries: string, 
/**
 * Tab-separated, with a header: query, document, relevance.
 */
qrels: string, 
/**
 * How to look; both ways unless said.
 */
mode?: SearchMode, 
/**
 * The model whose vectors are searched too; without one, they are made of the documents' own words.
 */
settings?: EmbedSettings, 
/**
 * Where to write every result in TREC's format.
 */
run_out?: string, };

/**
 * How well it found. All figures are means over the queries that have a judgement.
 */
export type EvalRetrievalResponse = { 
/**
 * Queries judged.
 */
queries: number, 
/**
 * Documents.
 */
documents: number, 
/**
 * How it was looked for.
 */
mode: SearchMode, 
/**
 * Normalised discounted cumulative gain of the first ten (Järvelin and Kekäläinen 2002,
 * <https://doi.org/10.1145/582415.582418>), gains as they stand, as trec_eval has it.
 */
ndcg_10: number, 
/**
 * Mean reciprocal rank of the first right one among ten.
 */
mrr_10: number, 
/**
 * Share of the right ones among the first, by how many are looked at: 1, 5, 10, 100.
 */
recall: { [key in number]: number }, 
/**
 * Wall-clock seconds of making the index, and of all queries.
 */
seconds: EvalSeconds, 
/**
 * What the model ran on; null where none was asked.
 */
ran_on: RanOn | null, };

/**
 * Wall-clock seconds by stage.
 */
export type EvalSeconds = { 
/**
 * Making the index.
 */
index: number, 
/**
 * All queries.
 */
search: number, };

/**
 * A table format that Mirante writes.
 */
export type ExportFormat = "csv" | "parquet" | "xlsx" | "json" | "jsonl";

/**
 * Writes the row issues of a table as CSV, the table's own delimiter between their fields. A job.
 */
export type ExportIssuesRequest = { 
/**
 * Which table.
 */
dataset: number, 
/**
 * Where to; absent: as in an export.
 */
path?: string, };

/**
 * Writes what was judged as examples, as SQuAD has them: JSON Lines of `{id, question, context, answers,
 * metadata}`. A job. Accepted and corrected answers are answers; a question of which "there is none" was
 * said, and nothing else was accepted, has an example without any; what was only rejected has none.
 */
export type ExportQaLabelsRequest = { 
/**
 * Where to. Absent: the exports folder in Mirante's home, from which `download` gives it to a browser.
 */
out?: string, 
/**
 * Characters of context on either side of an answer.
 */
window?: number, };

/**
 * What was written.
 */
export type ExportQaLabelsResponse = { 
/**
 * Documents that have an example.
 */
documents: number, 
/**
 * Examples.
 */
examples: number, 
/**
 * Those of them without an answer.
 */
unanswered: number, 
/**
 * Examples with an answer, by field, or by question where there is none.
 */
fields: Record<string, number>, 
/**
 * Candidates by what was said of them.
 */
verdicts: Partial<Record<QaVerdict, number>>, 
/**
 * Answers that no longer stand at their place in the document that was kept.
 */
left_out: number, 
/**
 * The file.
 */
out: string, };

/**
 * Writes a table, or a view of it, with its segments. A job.
 */
export type ExportRequest = { 
/**
 * Which table.
 */
dataset: number, 
/**
 * Which of its rows.
 */
view?: View, 
/**
 * In which format.
 */
format: ExportFormat, 
/**
 * Where to. Absent: the exports folder in Mirante's home, from which `download` gives it to a browser.
 */
path?: string, 
/**
 * Write the segments' names where they have one, not their numbers.
 */
names?: boolean, 
/**
 * Name of the segment column.
 */
label_col?: string, };

/**
 * What was written.
 */
export type ExportResponse = { 
/**
 * The file.
 */
path: string, 
/**
 * Its rows; 0 for a picture.
 */
rows: number, 
/**
 * Its size.
 */
bytes: number, 
/**
 * What the file could not hold as the table does.
 */
warnings: Array<Warning>, };

/**
 * An error as the doors carry it: a code, and the values its sentence names.
 */
export type Failure = { 
/**
 * Names the sentence in the locale files: `errors.<code>`, with `errors.<code>_next` for what to do.
 */
code: string, 
/**
 * Values for the sentence.
 */
fields: { [key in string]: string }, };

/**
 * A condition on one column.
 */
export type Filter = { 
/**
 * The column's name.
 */
column: string, 
/**
 * The comparison.
 */
test: Test, 
/**
 * What is compared with, as a person would write it in the table's own dialect.
 */
value?: string, };

/**
 * The file formats Mirante reads.
 */
export type Format = "csv" | "jsonl" | "parquet" | "xlsx";

/**
 * What was learnt from earlier leads, measured on later ones.
 */
export type ForwardFigures = { 
/**
 * The column of the dates.
 */
column: string, 
/**
 * Leads it was learnt from.
 */
earlier: number, 
/**
 * Leads it was measured on.
 */
later: number, 
/**
 * Area under the ROC curve.
 */
auc: number, };

/**
 * Why a text ended.
 */
export type GenerateEnd = "stop" | "length";

/**
 * Asks for a text. A job.
 */
export type GenerateRequest = { 
/**
 * What the person says.
 */
prompt: string, 
/**
 * What the model is told beforehand.
 */
system?: string, 
/**
 * What was said before the prompt.
 */
messages?: Array<Message>, 
/**
 * How it is written.
 */
writing?: Writing, 
/**
 * Which model.
 */
settings?: ModelSettings, };

/**
 * A text that was written.
 */
export type GenerateResponse = { 
/**
 * The text.
 */
text: string, 
/**
 * Tokens that were read.
 */
prompt_tokens: number, 
/**
 * Tokens that were written.
 */
tokens: number, 
/**
 * Why it ended.
 */
end: GenerateEnd, 
/**
 * The model.
 */
model: string, 
/**
 * What it ran on.
 */
ran_on: RanOn, 
/**
 * Wall-clock seconds from the first look at the prompt to the last token.
 */
seconds: number, };

/**
 * Asks for a text for every row of a table, and appends it. A job.
 */
export type GenerateTableRequest = { 
/**
 * What is said of every row; `{texto}` stands for its text, which else follows after a blank line.
 */
prompt: string, 
/**
 * What the model is told beforehand.
 */
system?: string, 
/**
 * The table.
 */
table: InferTable, 
/**
 * How it is written.
 */
writing?: Writing, 
/**
 * Which model.
 */
settings?: ModelSettings, };

/**
 * Which token the hub is asked with.
 */
export type HubToken = { 
/**
 * Where it is; none is sent where this is null.
 */
place: TokenPlace | null, 
/**
 * Its file, where it is kept in the home.
 */
path: string | null, };

/**
 * Asks whether there is a token.
 */
export type HubTokenRequest = Record<symbol, never>;

/**
 * Takes a model of any framework into Mirante's own folder, its weights written as safetensors. A job.
 */
export type ImportModelRequest = { 
/**
 * A folder as the hub has them, with weights of PyTorch, TensorFlow, JAX, safetensors or GGUF; or
 * a single file of them.
 */
path: string, 
/**
 * What it is called; as its folder or file unless said. It then is `local/NAME`.
 */
name?: string, };

/**
 * Imports a file: reads it once and keeps a columnar copy for browsing. A job.
 */
export type ImportRequest = { 
/**
 * The file.
 */
path: string, 
/**
 * How to read it.
 */
options?: ReadOptions, 
/**
 * A name for it; the file's own unless given.
 */
name?: string, };

/**
 * Imports the sample that Mirante ships. A job.
 */
export type ImportSampleRequest = Record<symbol, never>;

/**
 * A searchable table.
 */
export type Index = { 
/**
 * Its name.
 */
name: string, 
/**
 * The imported table that it was made of; null for a file.
 */
dataset: number | null, 
/**
 * Rows.
 */
rows: number, 
/**
 * Places of vectors, those of rows that are gone included.
 */
slots: number, 
/**
 * Rows that came, went or changed since all was built.
 */
changed: number, 
/**
 * The column that rows are known by; null where it is their place in the table.
 */
id_col: string | null, 
/**
 * The columns that are searched.
 */
text_cols: Array<string>, 
/**
 * All columns, which results carry and filters name.
 */
columns: Array<string>, 
/**
 * Where its vectors can be compared: `lsa` where they are made of its own words, `own` where a file
 * brought them and no model is named; null where it has none.
 */
space: Space | null, 
/**
 * How its vectors were made, where a model made them.
 */
settings: EmbedSettings | null, 
/**
 * When it was built, in Unix milliseconds.
 */
created_at: number, 
/**
 * When its rows changed last.
 */
updated_at: number, };

/**
 * Names an index.
 */
export type IndexRequest = { 
/**
 * Its name.
 */
index: string, };

/**
 * A row that comes into an index.
 */
export type IndexRow = { 
/**
 * What it is known by.
 */
id: string, 
/**
 * Its cells by column; text is taken from the columns that the index searches.
 */
fields: Record<string, string | null>, 
/**
 * Its vector, for an index whose vectors were made elsewhere.
 */
vector?: Array<number>, };

/**
 * Makes a table searchable. A job; an index of the same name is replaced when the new one is whole.
 */
export type IndexTableRequest = { 
/**
 * The rows.
 */
source: Source, 
/**
 * Columns whose text is joined by one space; see
 * [`SegmentSettings::text_cols`](super::segment::SegmentSettings::text_cols).
 */
text_cols?: Array<string>, 
/**
 * What the index is called; the table's own name unless said.
 */
name?: string, 
/**
 * The column that rows are known by, to change and delete them and to find their vectors in a file;
 * their place in the table, from 0, unless said.
 */
id_col?: string, 
/**
 * The model whose vectors are searched too; without one, they are made of the table's own words.
 */
settings?: EmbedSettings, 
/**
 * A file of vectors of the rows, made elsewhere: `.npy`, Parquet or JSON, in the order of the rows, or
 * with their ids. `settings` then name the model that made them, if it is to make those of queries.
 */
vectors?: string, };

/**
 * Asks for all indexes.
 */
export type IndexesRequest = Record<symbol, never>;

/**
 * The indexes.
 */
export type IndexesResponse = { 
/**
 * By name.
 */
indexes: Array<Index>, };

/**
 * Wall-clock seconds by stage.
 */
export type InferSeconds = { 
/**
 * Reading the model.
 */
load: number, 
/**
 * Asking it, and writing.
 */
infer: number, };

/**
 * A table whose rows a model is asked about; what it says is written beside them.
 */
export type InferTable = { 
/**
 * The rows.
 */
source: Source, 
/**
 * Columns whose text is joined by one space; see
 * [`SegmentSettings::text_cols`](super::segment::SegmentSettings::text_cols).
 */
text_cols?: Array<string>, 
/**
 * Where to write every record with what was found appended; into the exports folder unless said.
 */
out?: string, 
/**
 * What the first appended column is called; the task's usual name unless said.
 */
column?: string, };

/**
 * What was written of a table.
 */
export type InferredTable = { 
/**
 * Rows.
 */
rows: number, 
/**
 * The columns that were read.
 */
text_cols: Array<string>, 
/**
 * The columns that were appended, as they were asked for.
 */
columns: Array<string>, 
/**
 * How often each class or type was found; empty where there are none.
 */
counts: Record<string, number>, 
/**
 * The model.
 */
model: string, 
/**
 * What it ran on.
 */
ran_on: RanOn, 
/**
 * Texts that were too long for the model and were cut off.
 */
cut: number, 
/**
 * Wall-clock seconds of reading the model, and of all the rest.
 */
seconds: InferSeconds, 
/**
 * The file.
 */
out: string, 
/**
 * What was left out of it.
 */
warnings: Array<Warning>, };

/**
 * The row issues of a table, by page.
 */
export type IssuesRequest = { 
/**
 * Which table.
 */
dataset: number, 
/**
 * First issue wanted, from 0.
 */
offset?: number, 
/**
 * Issues wanted, 100 unless said.
 */
limit?: number, };

/**
 * A page of row issues.
 */
export type IssuesResponse = { 
/**
 * All there are.
 */
total: number, 
/**
 * Those asked for; at most the first 10,000 are kept.
 */
issues: Array<RowIssue>, };

/**
 * Names one job.
 */
export type JobRequest = { 
/**
 * Which.
 */
job: number, };

/**
 * Where a job stands.
 */
export type JobState = "queued" | "running" | "paused" | "done" | "failed" | "cancelled" | "interrupted";

/**
 * A job as the screen shows it.
 */
export type JobStatus = { 
/**
 * Names it in requests.
 */
id: number, 
/**
 * The operation's name.
 */
operation: string, 
/**
 * Where it stands.
 */
state: JobState, 
/**
 * The step it is in, by code; the locale files hold its words.
 */
step: string | null, 
/**
 * Number of that step, from 1.
 */
step_number: number, 
/**
 * Units of the step done.
 */
done: number, 
/**
 * Units of the step in all, where known.
 */
total: number | null, 
/**
 * Units a second, over the last seconds.
 */
rate: number | null, 
/**
 * Seconds until the step ends, at that rate.
 */
seconds_left: number | null, 
/**
 * Unix time in milliseconds.
 */
created_at: number, 
/**
 * Unix time in milliseconds.
 */
started_at: number | null, 
/**
 * Unix time in milliseconds.
 */
finished_at: number | null, 
/**
 * What was asked for: `mirante run` takes it.
 */
request: unknown, 
/**
 * What came out, once done.
 */
response: unknown, 
/**
 * Why it failed.
 */
failure: Failure | null, 
/**
 * The text that it has written so far, while it writes one or where it was stopped; not kept.
 */
text: string | null, 
/**
 * What it said on the way, a line each.
 */
log: Array<string>, };

/**
 * Lists jobs, the newest first.
 */
export type JobsRequest = { 
/**
 * How many, 50 unless said.
 */
limit?: number, };

/**
 * Jobs.
 */
export type JobsResponse = { 
/**
 * The newest first.
 */
jobs: Array<JobStatus>, };

/**
 * Says one thing of candidates: of all of them, or of none. What was said of them before is kept too, and no
 * longer counts.
 */
export type JudgeQaRequest = { 
/**
 * The archive that was searched; either this or `text`.
 */
zip?: string, 
/**
 * The text that was searched.
 */
text?: string, 
/**
 * The candidates, as `ask_qa` told them.
 */
candidates: Array<QaFound>, 
/**
 * What is said.
 */
verdict: QaVerdict, 
/**
 * The right answer; with the verdict `corrected` of one candidate alone.
 */
answer?: QaSpan, };

/**
 * What was kept.
 */
export type JudgeQaResponse = { 
/**
 * A judgement for each candidate, in their order.
 */
judgements: Array<QaJudgement>, };

/**
 * What the values of a column are.
 */
export type Kind = "text" | "integer" | "number" | "boolean" | "date" | "empty";

/**
 * How well one class is found.
 */
export type LabelFigures = { 
/**
 * The class.
 */
label: string, 
/**
 * Of the rows put into the class, the share that belongs there.
 */
precision: number, 
/**
 * Of the rows that belong to the class, the share that was put there.
 */
recall: number, 
/**
 * The harmonic mean of both.
 */
f1: number, 
/**
 * Rows that belong to it, of those it was measured on.
 */
support: number, };

/**
 * A language that Mirante speaks.
 */
export type Language = "pt-BR" | "en";

/**
 * Lays out a run's rows in two dimensions and keeps the points. A job; at once when it was done before.
 */
export type LayOutMapRequest = { 
/**
 * Which run.
 */
run: number, };

/**
 * What the map is.
 */
export type LayOutMapResponse = { 
/**
 * Points, one a row.
 */
points: number, 
/**
 * Box that holds all but the outermost points: least x, least y, greatest x, greatest y.
 */
bounds: [number, number, number, number], 
/**
 * How well neighbours stayed neighbours (Venna and Kaski 2001), k = 15, on a sample.
 */
trustworthiness: number | null, };

/**
 * A lead: values by column, as texts, numbers, booleans or null.
 */
export type Lead = Record<string, unknown>;

/**
 * Leads of about the same probability.
 */
export type LeadBin = { 
/**
 * The mean of their probabilities.
 */
said: number, 
/**
 * The share that converted.
 */
was: number, 
/**
 * Leads.
 */
rows: number, };

/**
 * What became of a column.
 */
export type LeadColumnUse = { 
/**
 * Its name.
 */
column: string, 
/**
 * `number`, `category`, `date`, `text` or `left_out`.
 */
read_as: string, 
/**
 * Why it was left out: `ignored`, `identifier`, `empty` or `constant`.
 */
why: string | null, 
/**
 * The area under the ROC curve of this column alone, on leads it was not learnt from.
 */
auc_alone: number | null, 
/**
 * Whether it alone tells nearly all: it may hold what is only known after a lead converted.
 */
may_leak: boolean, };

/**
 * A tenth of the leads.
 */
export type LeadDecile = { 
/**
 * Leads.
 */
rows: number, 
/**
 * Of them, those that converted.
 */
positive: number, 
/**
 * The share that converted over that of all leads.
 */
lift: number, 
/**
 * The share of all conversions that this tenth and those before it hold.
 */
captured: number, };

/**
 * How good lead scores are, each made by a model that did not learn from its lead.
 */
export type LeadFigures = { 
/**
 * Leads learnt from.
 */
rows: number, 
/**
 * Of them, those that converted.
 */
positive: number, 
/**
 * The share that converted.
 */
base_rate: number, 
/**
 * Rows without a target, left out.
 */
without_target: number, 
/**
 * What stands in the target for a lead that converted.
 */
positive_value: string, 
/**
 * Parts the leads were cut into.
 */
folds: number, 
/**
 * Area under the ROC curve: how often a lead that converts has a higher score than one that does not.
 */
auc: number, 
/**
 * The same for later leads by what was learnt from earlier ones; null without a column of dates, or
 * with too few leads that converted.
 */
forward: ForwardFigures | null, 
/**
 * Average precision; the base rate for scores that say nothing.
 */
average_precision: number, 
/**
 * Mean squared distance of the probabilities from what came (Brier 1950).
 */
brier: number, 
/**
 * The same for saying the base rate of every lead.
 */
brier_of_base_rate: number, 
/**
 * Tenths of the leads, the likeliest first.
 */
lift: Array<LeadDecile>, 
/**
 * What was said and what came, of tenths of the leads, the least likely first.
 */
calibration: Array<LeadBin>, 
/**
 * From which probability on a lead is hot.
 */
hot: number, 
/**
 * From which probability on a lead is warm.
 */
warm: number, 
/**
 * How many leads are hot, warm and cold, and what came of them.
 */
temperatures: Array<TemperatureFigures>, 
/**
 * What became of every column.
 */
columns: Array<LeadColumnUse>, };

/**
 * Something odd about a lead.
 */
export type LeadNote = { 
/**
 * The column.
 */
column: string, 
/**
 * What stands there; null for a column that the lead does not have.
 */
value: string | null, 
/**
 * `unseen`, `not_a_number`, `not_a_date` or `absent`.
 */
kind: string, };

/**
 * Something about a lead that moves its score.
 */
export type LeadReason = { 
/**
 * The column.
 */
column: string, 
/**
 * What stands in it, or a word of it; null where nothing does.
 */
value: string | null, 
/**
 * What about it: `value`, `missing`, `trend`, `month`, `weekday` or `term`.
 */
part: string, 
/**
 * `plus` or `minus`.
 */
effect: string, 
/**
 * What it adds to the logarithm of the odds.
 */
weight: number, };

/**
 * The score of a lead.
 */
export type LeadScore = { 
/**
 * The probability that it converts.
 */
probability: number, 
/**
 * In one word.
 */
temperature: Temperature, 
/**
 * What moves it away from the mean lead, the weightiest first.
 */
reasons: Array<LeadReason>, 
/**
 * What is odd about the lead.
 */
notes: Array<LeadNote>, };

/**
 * How good it is after so many rows.
 */
export type LearningPoint = { 
/**
 * Rows it learnt from.
 */
rows: number, 
/**
 * As [`ClassifierFigures::accuracy`].
 */
accuracy: number, 
/**
 * As [`ClassifierFigures::macro_f1`].
 */
macro_f1: number, };

/**
 * How a model is taught.
 */
export type LoraSettings = { 
/**
 * What does the arithmetic: `auto` (a graphics card if there is one, else the processor), `cpu`,
 * `cuda:N` or `metal`.
 */
device: string, 
/**
 * What products are worked in: `auto`, `f32`, and on a card `f16` or `bf16`.
 */
precision: string, 
/**
 * How the model's own weights are kept meanwhile.
 */
quant: Quant, 
/**
 * Rank of the change.
 */
r: number, 
/**
 * The change counts alpha / r times.
 */
alpha: number, 
/**
 * Share of the inputs that a step leaves out.
 */
dropout: number, 
/**
 * Names of the maps that are changed.
 */
targets: Array<string>, 
/**
 * Times that every example is seen.
 */
epochs: number, 
/**
 * The highest learning rate.
 */
learning_rate: number, 
/**
 * Its course.
 */
schedule: RateSchedule, 
/**
 * Share of the steps in which it grows.
 */
warmup_ratio: number, 
/**
 * Decay of what is learned, times the learning rate.
 */
weight_decay: number, 
/**
 * The longest that the gradients may be; 0 lets them be.
 */
max_grad_norm: number, 
/**
 * Examples at once.
 */
batch_size: number, 
/**
 * Batches a step.
 */
gradient_accumulation: number, 
/**
 * Tokens of an example after which it is cut off.
 */
max_length: number, 
/**
 * Learn what was asked as well, not the answers alone.
 */
on_all: boolean, 
/**
 * Keep less for the way back: half the memory, a third more time.
 */
gradient_checkpointing: boolean, 
/**
 * What takes the steps.
 */
optimizer: Optimizer, 
/**
 * Evaluations without a better one after which it ends; 0 for never.
 */
early_stopping_patience: number, 
/**
 * Steps between evaluations, beside that after every epoch; 0 for none.
 */
eval_steps: number, 
/**
 * Steps between checkpoints, beside that after every epoch; 0 for none.
 */
save_steps: number, 
/**
 * Steps at most; 0 sets no limit.
 */
max_steps: number, 
/**
 * What chances are drawn from.
 */
seed: number, };

/**
 * A run's points as bytes, little-endian: n × (x: f32, y: f32), then n × (segment: u16).
 */
export type MapPointsRequest = { 
/**
 * Which run.
 */
run: number, };

/**
 * Which rows a view holds, as bits: row i is bit `i % 8` of byte `i / 8`. Answers bytes.
 */
export type MatchesRequest = { 
/**
 * Which table.
 */
dataset: number, 
/**
 * Which of its rows.
 */
view?: View, };

/**
 * Puts an adapter's changes into the weights of its model. A job.
 */
export type MergeAdapterRequest = { 
/**
 * The adapter's folder.
 */
adapter: string, 
/**
 * Its model; the one that the adapter names unless said.
 */
base_model?: string, 
/**
 * The folder to write.
 */
out: string, };

/**
 * A merged model.
 */
export type MergeAdapterResponse = { 
/**
 * The folder.
 */
out: string, 
/**
 * Maps that were changed.
 */
changed: number, };

/**
 * Something said in a talk.
 */
export type Message = { 
/**
 * `system`, `user` or `assistant`.
 */
role: string, 
/**
 * What.
 */
content: string, };

/**
 * What its makers tell of a model, as the hub shows it.
 */
export type ModelCard = { 
/**
 * Its `README.md`.
 */
text: string, };

/**
 * A model: what is known of it, and what of it is here. Fields that only a card tells are null for
 * a model without one.
 */
export type ModelEntry = { 
/**
 * Its short name, or its repository.
 */
id: string, 
/**
 * Its repository on the hub.
 */
repository: string, 
/**
 * What it does: `embed`.
 */
task: string | null, 
/**
 * `model_type` in its configuration.
 */
architecture: string | null, 
/**
 * Languages by code; `multilingual` for many more.
 */
languages: Array<string>, 
/**
 * The licence of its weights.
 */
licence: string | null, 
/**
 * Numbers of a vector.
 */
dimension: number | null, 
/**
 * Tokens after which a text is cut off.
 */
tokens: number | null, 
/**
 * Bytes to fetch.
 */
bytes: number | null, 
/**
 * Bytes of main memory that it needs.
 */
memory: number | null, 
/**
 * Whether this machine has that much to spare.
 */
fits: boolean | null, 
/**
 * Whether it is on this machine.
 */
here: boolean, 
/**
 * Whether it lies in Mirante's own folder, and can be removed.
 */
own: boolean, 
/**
 * The revision that is here.
 */
revision: string | null, 
/**
 * Where it lies.
 */
folder: string | null, 
/**
 * Bytes that it takes here.
 */
bytes_here: number | null, };

/**
 * Names a model.
 */
export type ModelRequest = { 
/**
 * Its short name, its repository or its folder.
 */
model: string, };

/**
 * Which model, and how it runs.
 */
export type ModelSettings = { 
/**
 * A card's short name, a repository of the hub that is on this machine, or a folder; the task's usual
 * model unless said.
 */
model?: string, 
/**
 * The folder of an adapter that changes the model.
 */
adapter?: string, 
/**
 * The most texts that go through the model together on one thread.
 */
batch: number, 
/**
 * `auto`, `cpu`, `cuda:N` or `metal`.
 */
device: string, 
/**
 * `auto`, `f32`, `f16`, `bf16` or `int8`; what a model does not know there is refused.
 */
precision: string, };

/**
 * Asks for all models.
 */
export type ModelsRequest = Record<symbol, never>;

/**
 * The models.
 */
export type ModelsResponse = { 
/**
 * Well-known ones first, then the others on this machine by name.
 */
models: Array<ModelEntry>, 
/**
 * What forbids fetching more; null where nothing does.
 */
offline: OfflineBy | null, };

/**
 * What forbids network calls.
 */
export type OfflineBy = "settings" | "command_line" | "environment";

/**
 * Reads a whole file and reports; nothing is kept.
 */
export type OpenRequest = { 
/**
 * The file.
 */
path: string, 
/**
 * How to read it.
 */
options?: ReadOptions, };

/**
 * What a file is and holds. For formats other than delimited text the dialect fields say what
 * holds for the values Mirante makes of them (UTF-8, no delimiter).
 */
export type OpenResponse = { 
/**
 * The file's path, or `-`.
 */
path: string, 
/**
 * Its format.
 */
format: Format, 
/**
 * Its size.
 */
bytes: number, 
/**
 * Encoding of its text.
 */
encoding: string, 
/**
 * Field separator; empty where the format has none.
 */
delimiter: string, 
/**
 * Quote character; empty for none.
 */
quote: string, 
/**
 * Whether the first record names the columns.
 */
has_header: boolean, 
/**
 * Decimal mark.
 */
decimal: string, 
/**
 * Order of day and month.
 */
date_order: string, 
/**
 * `\n`, `\r\n` or `\r`, written out as `lf`, `crlf`, `cr`.
 */
line_end: string, 
/**
 * Records, without the header. In a preview of a long file: an estimate.
 */
rows: number, 
/**
 * False when only the file's beginning was read.
 */
complete: boolean, 
/**
 * In the file's order.
 */
columns: Array<Column>, 
/**
 * The first 10,000; `issue_counts` counts them all.
 */
issues: Array<RowIssue>, 
/**
 * How many rows have which issue.
 */
issue_counts: { [key in string]: number }, 
/**
 * The first rows, each as long as `columns`; a missing value is null.
 */
preview: Array<Array<string | null>>, 
/**
 * Sheets of a workbook.
 */
sheets: Array<string>, };

/**
 * What takes the steps.
 */
export type Optimizer = "adamw" | "adamw_8bit";

/**
 * A picture that Mirante draws.
 */
export type Picture = "map" | "sizes" | "suggest_k";

/**
 * Draws a picture to a file; its extension, svg or png, says how. A job.
 */
export type PlotRequest = { 
/**
 * Which picture.
 */
picture: Picture, 
/**
 * Of what.
 */
source: PlotSource, 
/**
 * Where to; absent: as in an export, with `format`.
 */
out?: string, 
/**
 * `svg` or `png` where `out` is absent.
 */
format?: string, 
/**
 * Pixels.
 */
width?: number, 
/**
 * Pixels.
 */
height?: number, 
/**
 * Draw on a dark ground.
 */
dark?: boolean, 
/**
 * Language of its words and numbers; what is set unless given.
 */
language?: Language, };

/**
 * What a picture is drawn from. Segments: a kept run, or a saved model with its table. Numbers of
 * segments: what a job has tried, or what is still to be tried.
 */
export type PlotSource = { 
/**
 * Which.
 */
run: number, } | { 
/**
 * Its file.
 */
model: string, 
/**
 * The rows to draw; the file the model was made from unless given.
 */
csv?: string, } | { 
/**
 * Which.
 */
job: number, } | { 
/**
 * What `suggest_k` would be asked.
 */
suggest_k: SuggestKRequest, };

/**
 * Reads a file's beginning, as the import will.
 */
export type PreviewRequest = { 
/**
 * The file.
 */
path: string, 
/**
 * How to read it.
 */
options?: ReadOptions, 
/**
 * Rows wanted, 100 unless said.
 */
rows?: number, };

/**
 * Fetches a model into Mirante's own folder. A job that can be paused, and goes on where it was cut.
 */
export type PullModelRequest = { 
/**
 * Its short name or its repository.
 */
model: string, 
/**
 * A branch, a tag or a revision.
 */
revision?: string, };

/**
 * How a model's answers are chosen, as the reference scripts for SQuAD call it.
 */
export type QaChoice = { 
/**
 * Candidates that are weighed.
 */
n_best_size: number, 
/**
 * Most tokens of a window, question and context together; the model's own limit holds too.
 */
max_length: number, 
/**
 * Tokens that a window shares with the one before.
 */
doc_stride: number, 
/**
 * Most tokens of an answer.
 */
max_answer_length: number, 
/**
 * By how much "no answer" must be the likelier to be given; only where some question has none.
 */
null_score_diff_threshold: number, };

/**
 * A document that was read.
 */
export type QaDocument = { 
/**
 * Its name within the archive; null for a text.
 */
source: string | null, 
/**
 * The SHA-256 of its text.
 */
document: string, 
/**
 * Its length.
 */
characters: number, };

/**
 * Reads a document that [`ask_qa`](super::qa::ask_qa) searched.
 */
export type QaDocumentRequest = { 
/**
 * The archive that was searched; either this with `source`, or `text`.
 */
zip?: string, 
/**
 * The document within it.
 */
source?: string, 
/**
 * The text that was searched.
 */
text?: string, 
/**
 * The SHA-256 of its text, as it was told.
 */
document: string, };

/**
 * A document.
 */
export type QaDocumentResponse = { 
/**
 * Its text; places in it are counted in characters.
 */
text: string, };

/**
 * A field that rules find.
 */
export type QaField = { 
/**
 * What requests call it.
 */
name: string, 
/**
 * What is asked of it.
 */
question: string, };

/**
 * Asks which fields rules know.
 */
export type QaFieldsRequest = { 
/**
 * A file of rules; those for Brazilian processes unless said.
 */
questions?: string, };

/**
 * The fields, in the rules' order.
 */
export type QaFieldsResponse = { 
/**
 * Each with its question.
 */
fields: Array<QaField>, };

/**
 * What could be the answer.
 */
export type QaFound = { 
/**
 * The document within the archive; null for a text.
 */
source: string | null, 
/**
 * The SHA-256 of the document's text.
 */
document: string, 
/**
 * The field; null for a question of one's own.
 */
field: string | null, 
/**
 * What was asked.
 */
question: string, 
/**
 * The answer.
 */
text: string, 
/**
 * Its first character in the document.
 */
start: number, 
/**
 * The character after its last.
 */
end: number, 
/**
 * The words around it.
 */
context: string, 
/**
 * Of rules, how near it stands to its anchor, from a half to 1; of a model, its share among all
 * candidates. Not to be compared with each other.
 */
score: number, 
/**
 * Who found it.
 */
by: QaFoundBy, };

/**
 * Who found an answer.
 */
export type QaFoundBy = "rules" | "model";

/**
 * An answer that does not stand where the file says.
 */
export type QaIssue = { 
/**
 * The question's id.
 */
id: string, 
/**
 * The answer.
 */
text: string, 
/**
 * Where the file says it begins.
 */
start: number, 
/**
 * Where it stands nearest to that; null where the context does not hold it.
 */
found: number | null, 
/**
 * Whether its question has no other answer and was left out.
 */
left_out: boolean, };

/**
 * What was said of a candidate.
 */
export type QaJudgement = { 
/**
 * Its number.
 */
id: number, 
/**
 * When, in Unix milliseconds.
 */
at: number, 
/**
 * The SHA-256 of the document's text.
 */
document: string, 
/**
 * The archive's name; null for a text.
 */
name: string | null, 
/**
 * The document within the archive.
 */
source: string | null, 
/**
 * The field; null for a question of one's own.
 */
field: string | null, 
/**
 * What was asked.
 */
question: string, 
/**
 * The candidate's first character in the document.
 */
start: number, 
/**
 * The character after its last.
 */
end: number, 
/**
 * The candidate.
 */
text: string, 
/**
 * Who found it.
 */
by: QaFoundBy, 
/**
 * Its score.
 */
score: number, 
/**
 * What was said of it.
 */
verdict: QaVerdict, 
/**
 * The right answer, where the candidate was corrected.
 */
answer: QaSpan | null, };

/**
 * Asks what was said of documents.
 */
export type QaJudgementsRequest = { 
/**
 * The SHA-256 of their texts.
 */
documents: Array<string>, };

/**
 * What counts: the latest judgement of each candidate.
 */
export type QaJudgementsResponse = { 
/**
 * By document, question and place.
 */
judgements: Array<QaJudgement>, };

/**
 * Exact match and F1 in percent, as the official scripts give them.
 */
export type QaScores = { 
/**
 * Share of exact matches.
 */
exact: number, 
/**
 * Mean F1 over words.
 */
f1: number, 
/**
 * Questions.
 */
questions: number, };

/**
 * Wall-clock seconds by stage.
 */
export type QaSeconds = { 
/**
 * Reading the model.
 */
load: number, 
/**
 * Answering.
 */
answer: number, };

/**
 * A text at its place in a document.
 */
export type QaSpan = { 
/**
 * Its first character.
 */
start: number, 
/**
 * The character after its last.
 */
end: number, 
/**
 * What stands there.
 */
text: string, };

/**
 * A threshold for "no answer".
 */
export type QaThreshold = { 
/**
 * For `null_score_diff_threshold`.
 */
threshold: number, 
/**
 * The figure it gives, in percent.
 */
score: number, };

/**
 * What is said of a candidate.
 */
export type QaVerdict = "accepted" | "corrected" | "absent" | "rejected" | "withdrawn";

/**
 * How weights that do not learn are kept.
 */
export type Quant = "none" | "nf4";

/**
 * What a model ran on.
 */
export type RanOn = { 
/**
 * `cpu`, `cuda:N` or `metal`.
 */
device: string, 
/**
 * `f32`, `f16`, `bf16`, `int8`, or `quantised` for weights in blocks of few bits.
 */
precision: string, 
/**
 * The processor's instructions that were used: `avx512_bf16`, `avx512`, `avx2` or `plain`.
 */
instructions: string, };

/**
 * Where numbers lie. Dates are days since 1970-01-01.
 */
export type RangeStats = { 
/**
 * Least.
 */
min: number, 
/**
 * Greatest.
 */
max: number, 
/**
 * Mean.
 */
mean: number, 
/**
 * Median.
 */
median: number, };

/**
 * How a learning rate goes.
 */
export type RateSchedule = "linear" | "cosine" | "constant";

/**
 * How a file is to be read. Every field that is absent is found by looking at the file.
 */
export type ReadOptions = { 
/**
 * `utf-8`, `utf-8-bom`, `utf-16le`, `utf-16be` or `windows-1252`.
 */
encoding?: string, 
/**
 * One character: `,`, `;`, a tab, `|`, or another ASCII character.
 */
delimiter?: string, 
/**
 * One character, or the empty string for "no quoting".
 */
quote?: string, 
/**
 * Whether the first record names the columns.
 */
has_header?: boolean, 
/**
 * `.` or `,`.
 */
decimal?: string, 
/**
 * `iso`, `day_first` or `month_first`.
 */
date_order?: string, 
/**
 * The sheet of a workbook; the first one unless named.
 */
sheet?: string, 
/**
 * Kinds set by the person, by column name.
 */
kinds: { [key in string]: Kind }, 
/**
 * Roles set by the person, by column name.
 */
roles: { [key in string]: Role }, };

/**
 * A document, or a whole archive, that was not read.
 */
export type RefusedDocument = { 
/**
 * The archive.
 */
zip: string, 
/**
 * The document; null for the whole archive.
 */
entry: string | null, 
/**
 * Why: `unreadable`, `not_zip`, `password`, `path`, `too_large`, `kind`, `damaged` or `no_text`.
 */
code: string, 
/**
 * What the reader said.
 */
reason: string, };

/**
 * Removes a table and its runs from Mirante; the source file stays.
 */
export type RemoveDatasetRequest = { 
/**
 * Which.
 */
dataset: number, };

/**
 * Renames a table.
 */
export type RenameDatasetRequest = { 
/**
 * Which.
 */
dataset: number, 
/**
 * Its new name.
 */
name: string, };

/**
 * Names a segment. An empty name takes the name away.
 */
export type RenameSegmentRequest = { 
/**
 * Which run.
 */
run: number, 
/**
 * Which of its segments.
 */
segment: number, 
/**
 * Its name.
 */
name: string, };

/**
 * What a column is for.
 */
export type Role = "text" | "category" | "number" | "date" | "identifier";

/**
 * One row of a page.
 */
export type Row = { 
/**
 * Its place in the file, from 0: names it in requests.
 */
index: number, 
/**
 * Its segment in the current run.
 */
segment: number | null, 
/**
 * Its cells, each cut at 300 characters; a missing value is null.
 */
cells: Array<string | null>, 
/**
 * What it has after the table's last column, as it stands in the file; most rows have nothing.
 */
surplus?: string, };

/**
 * Something wrong in one row. The row itself is kept.
 */
export type RowIssue = { 
/**
 * Line of the file, from 1.
 */
line: number, 
/**
 * Place of the row in the table, from 0, as in [`Row::index`](super::rows::Row::index); the
 * header has none.
 */
row?: number, 
/**
 * The column, where one can be named.
 */
column: string | null, 
/**
 * What is wrong: `too_few_fields`, `too_many_fields`, `bad_bytes`, `unclosed_quote`, …
 */
kind: string, 
/**
 * How many cells the row has in surplus (`too_many_fields`) or lacks (`too_few_fields`).
 */
cells?: number, 
/**
 * The raw text, cut at 200 characters.
 */
text: string, };

/**
 * One whole row.
 */
export type RowRequest = { 
/**
 * Which table.
 */
dataset: number, 
/**
 * Which row, by its place in the file from 0.
 */
row: number, };

/**
 * One page of rows.
 */
export type RowsRequest = { 
/**
 * Which table.
 */
dataset: number, 
/**
 * Which of its rows.
 */
view?: View, 
/**
 * First row wanted, from 0, counted within the view.
 */
offset?: number, 
/**
 * Rows wanted, 100 unless said, at most 1,000.
 */
limit?: number, };

/**
 * A page of rows.
 */
export type RowsResponse = { 
/**
 * Rows in the view.
 */
total: number, 
/**
 * The rows asked for.
 */
rows: Array<Row>, };

/**
 * A kept segmentation.
 */
export type Run = { 
/**
 * Names it in requests.
 */
id: number, 
/**
 * Its table.
 */
dataset: number, 
/**
 * Unix time in milliseconds.
 */
created_at: number, 
/**
 * The request it can be made again from.
 */
request: SegmentRequest, 
/**
 * What came out.
 */
result: SegmentResponse, 
/**
 * Whether the map has been laid out.
 */
has_map: boolean, };

/**
 * Names one run.
 */
export type RunRequest = { 
/**
 * Which.
 */
run: number, };

/**
 * Lists a table's segmentations, the newest first.
 */
export type RunsRequest = { 
/**
 * Which table.
 */
dataset: number, };

/**
 * A table's segmentations.
 */
export type RunsResponse = { 
/**
 * The newest first.
 */
runs: Array<Run>, };

/**
 * Scores a few leads.
 */
export type ScoreLeadsRequest = { 
/**
 * The folder of a lead model; the one in the settings unless said.
 */
model?: string, 
/**
 * The leads.
 */
leads: Array<Lead>, };

/**
 * The scores of some leads.
 */
export type ScoreLeadsResponse = { 
/**
 * One for every lead, in their order.
 */
results: Array<LeadScore>, 
/**
 * The model.
 */
model: string, };

/**
 * Scores every row of a table; appends the probability, the temperature and the reasons. A job.
 */
export type ScoreLeadsTableRequest = { 
/**
 * The folder of a lead model; the one in the settings unless said.
 */
model?: string, 
/**
 * The leads.
 */
source: Source, 
/**
 * Where to write every record with its score appended; into the exports folder unless said.
 */
out?: string, 
/**
 * Language of the temperatures and the reasons; the person's unless said.
 */
language?: Language, };

/**
 * What was written of a table of leads.
 */
export type ScoreLeadsTableResponse = { 
/**
 * Leads.
 */
rows: number, 
/**
 * How many of each temperature.
 */
temperatures: { [key in string]: number }, 
/**
 * How many leads have something odd, by kind of note.
 */
notes: { [key in string]: number }, 
/**
 * The columns that were appended.
 */
columns: Array<string>, 
/**
 * The model.
 */
model: string, 
/**
 * The file.
 */
out: string, 
/**
 * What was left out of it.
 */
warnings: Array<Warning>, };

/**
 * A row that was found.
 */
export type SearchHit = { 
/**
 * Its place in the table, from 0.
 */
row: number, 
/**
 * What it is known by: the cell of the index's id column, else its place.
 */
id: string, 
/**
 * Higher is better; of one search only, and of one mode.
 */
score: number, 
/**
 * The text that was searched.
 */
text: string, 
/**
 * The cells of its row, by column.
 */
fields: Record<string, string | null>, 
/**
 * Why it was found.
 */
why: SearchReason, };

/**
 * How to look.
 */
export type SearchMode = "hybrid" | "vector" | "words";

/**
 * What each way of looking made of a row.
 */
export type SearchReason = { 
/**
 * Its place by words, from 1.
 */
words_rank: number | null, 
/**
 * Its BM25 score.
 */
words_score: number | null, 
/**
 * Its place by meaning, from 1.
 */
vector_rank: number | null, 
/**
 * The cosine of query and row.
 */
similarity: number | null, };

/**
 * Looks something up.
 */
export type SearchRequest = { 
/**
 * The index.
 */
index: string, 
/**
 * What is looked for; may be empty where `like` says a row.
 */
query?: string, 
/**
 * A row whose like are looked for, by their vectors alone, itself left out.
 */
like?: number, 
/**
 * The vector of what is looked for, made elsewhere; the index's own model makes it unless said.
 */
vector?: Array<number>, 
/**
 * Most results.
 */
top?: number, 
/**
 * How to look; both ways where there are vectors unless said.
 */
mode?: SearchMode, 
/**
 * Which rows count: `nicho = 'Contabilidade' and valor >= 100`. Operators: `=`, `!=`, `<`, `<=`,
 * `>`, `>=` and `~` (contains).
 */
filter?: string, };

/**
 * What was found.
 */
export type SearchResponse = { 
/**
 * The best first.
 */
results: Array<SearchHit>, 
/**
 * How it was looked for.
 */
mode: SearchMode, 
/**
 * What the model ran on; null where none was asked.
 */
ran_on: RanOn | null, };

/**
 * Wall-clock seconds by stage.
 */
export type Seconds = { 
/**
 * Reading and tokenising the source.
 */
read: number, 
/**
 * Vocabulary and TF-IDF.
 */
features: number, 
/**
 * k-means and its metrics.
 */
cluster: number, 
/**
 * Writing the result.
 */
write: number, };

/**
 * One segment.
 */
export type Segment = { 
/**
 * From 0.
 */
id: number, 
/**
 * Given by the person; null until then.
 */
name: string | null, 
/**
 * Its rows.
 */
count: number, 
/**
 * Its part of all rows, from 0 to 1.
 */
share: number, 
/**
 * What sets it apart, the weightiest first.
 */
terms: Array<Term>, 
/**
 * Rows nearest its centre, by their place in the file from 0.
 */
examples: Array<number>, };

/**
 * What rows are put together by.
 */
export type SegmentBy = "words" | "meaning";

/**
 * Segments a table. A job. From an imported table the result is kept as its current run.
 */
export type SegmentRequest = { 
/**
 * What to segment.
 */
source: Source, 
/**
 * How.
 */
settings?: SegmentSettings, 
/**
 * Where to write every record with its segment appended.
 */
out?: string, 
/**
 * Name of the appended column.
 */
label_col?: string, 
/**
 * Where to write the model.
 */
save_model?: string, };

/**
 * The result of a segmentation.
 */
export type SegmentResponse = { 
/**
 * The run kept for an imported table.
 */
run: number | null, 
/**
 * Rows segmented.
 */
rows: number, 
/**
 * Segments asked for.
 */
clusters: number, 
/**
 * Sum of squared distances to the centroids.
 */
inertia: number, 
/**
 * Iterations of the best start.
 */
iterations: number, 
/**
 * How well rows sit in their segments.
 */
silhouette: Silhouette | null, 
/**
 * By id.
 */
segments: Array<Segment>, 
/**
 * The columns that were read.
 */
text_cols: Array<string>, 
/**
 * Terms kept.
 */
features: number, 
/**
 * Where the time went.
 */
seconds: Seconds, 
/**
 * The saved model's path.
 */
model: string | null, 
/**
 * The written table's path.
 */
out: string | null, 
/**
 * What the numbers warn of, by code: `fewer_distinct_rows`, `not_converged`, `rows_without_terms`.
 */
warnings: Array<Warning>, 
/**
 * Row issues of the source file.
 */
issues: Array<RowIssue>, };

/**
 * How text becomes features and features become segments.
 */
export type SegmentSettings = { 
/**
 * Columns whose text is joined by one space. Empty: `dor_base` and `solucao_graventum` when
 * both exist, else every column whose role is text.
 */
text_cols: Array<string>, 
/**
 * How many segments, at least 2.
 */
clusters: number, 
/**
 * Most terms kept, the most frequent first.
 */
max_features: number, 
/**
 * A term must stand in this many rows; below 1, in this share of them.
 */
min_df: number, 
/**
 * A term may stand in at most this share of the rows; above 1, in this many.
 */
max_df: number, 
/**
 * Starts to try; 0 is scikit-learn's `auto`, which is one.
 */
n_init: number, 
/**
 * Seed of every random choice.
 */
seed: number, 
/**
 * The same segments whatever the order of the rows.
 */
stable: boolean, 
/**
 * Words that take no part.
 */
stop_words: StopWords, 
/**
 * What rows are put together by.
 */
by?: SegmentBy, 
/**
 * The model whose vectors rows are put together by; the usual one unless said.
 */
model?: string, };

/**
 * Rows chosen by pointing; conditions that are given must all hold.
 */
export type Selection = { 
/**
 * The run that `segments` and `lasso` speak of; the table's current run unless given.
 */
run?: number, 
/**
 * Rows of these segments.
 */
segments?: Array<number>, 
/**
 * Rows whose point lies in this polygon, in map coordinates.
 */
lasso?: Array<[number, number]>, 
/**
 * These rows.
 */
rows?: Array<number>, };

/**
 * A token to keep.
 */
export type SetHubTokenRequest = { 
/**
 * The token, as the hub's settings show it once.
 */
token: string, };

/**
 * Makes a model the usual one of a task.
 */
export type SetUsualModelRequest = { 
/**
 * The task.
 */
task: UsualTask, 
/**
 * The model; nothing for that which Mirante comes with.
 */
usual?: UsualModel, };

/**
 * What is usual now.
 */
export type SetUsualModelResponse = { 
/**
 * What was the task's before, to take it back.
 */
before: UsualModel | null, 
/**
 * The models that were made usual, by task.
 */
usual: { [key in UsualTask]?: UsualModel }, };

/**
 * Everything that can be set. An absent field keeps its default.
 */
export type Settings = { 
/**
 * `pt-BR`, `en`, or `system`.
 */
language: string, 
/**
 * `light`, `dark`, or `system`.
 */
theme: string, 
/**
 * Forbid every network call.
 */
offline: boolean, 
/**
 * Worker threads; 0 is one a core.
 */
threads: number, 
/**
 * Bytes of main memory a job may plan for; 0 is three quarters of what the machine has.
 */
memory_limit: number, 
/**
 * The folder of the lead model that scores when none is named.
 */
lead_model?: string, 
/**
 * The models that were made usual, by task.
 */
usual_models?: { [key in UsualTask]?: UsualModel }, };

/**
 * Asks for the settings.
 */
export type SettingsRequest = Record<symbol, never>;

/**
 * Mean silhouette coefficient (Rousseeuw 1987, <https://doi.org/10.1016/0377-0427(87)90125-7>).
 */
export type Silhouette = { 
/**
 * From −1 to 1.
 */
value: number, 
/**
 * Rows it was computed on.
 */
sample: number, };

/**
 * An order by one column.
 */
export type Sort = { 
/**
 * The column's name.
 */
column: string, 
/**
 * Greatest first. Missing values come last either way.
 */
descending?: boolean, };

/**
 * Where rows come from: an imported table, or a file.
 */
export type Source = { 
/**
 * Which.
 */
dataset: number, } | { 
/**
 * Its path.
 */
path: string, 
/**
 * How to read it.
 */
options?: ReadOptions, };

/**
 * A vector space: vectors of different spaces cannot be compared.
 */
export type Space = { 
/**
 * The model's repository, or its folder's name.
 */
model: string, 
/**
 * The repository's revision; null for a folder of the person's own.
 */
revision: string | null, 
/**
 * How one vector is made of a text's tokens.
 */
pooling: string, 
/**
 * Numbers of a vector.
 */
dimension: number, };

/**
 * Ends a training.
 */
export type StopTrainingRequest = { 
/**
 * Its folder; the one at work unless said.
 */
output_dir?: string, 
/**
 * Keep what it has learned as an adapter.
 */
keep?: boolean, };

/**
 * Words of a language that carry little meaning and can be left out.
 */
export type StopWords = "none" | "pt" | "en";

/**
 * Tries several numbers of segments. A job.
 */
export type SuggestKRequest = { 
/**
 * What to segment.
 */
source: Source, 
/**
 * How; `clusters` is not used.
 */
settings?: SegmentSettings, 
/**
 * Fewest segments tried.
 */
min?: number, 
/**
 * Most segments tried.
 */
max?: number, };

/**
 * How each number of segments did.
 */
export type SuggestKResponse = { 
/**
 * Rows segmented.
 */
rows: number, 
/**
 * By k.
 */
tried: Array<TriedK>, 
/**
 * The k to take.
 */
recommended: number, 
/**
 * Why: `silhouette_and_knee` (highest silhouette where the inertia bends), `silhouette`
 * (highest), `knee` (the inertia bends), `smallest` (nothing was decisive).
 */
why: string, 
/**
 * The columns that were read.
 */
text_cols: Array<string>, };

/**
 * Asks for summaries of a few texts. A job.
 */
export type SummarizeRequest = { 
/**
 * The texts.
 */
texts: Array<string>, 
/**
 * How long, and how.
 */
choice?: SummaryChoice, 
/**
 * How.
 */
settings?: ModelSettings, };

/**
 * The summaries.
 */
export type SummarizeResponse = { 
/**
 * One for every text, in their order.
 */
summaries: Array<string>, 
/**
 * The model.
 */
model: string, 
/**
 * What it ran on.
 */
ran_on: RanOn, 
/**
 * Texts that were too long for the model and were cut off.
 */
cut: number, };

/**
 * Asks for a summary of every row of a table, and appends it. A job.
 */
export type SummarizeTableRequest = { 
/**
 * The table.
 */
table: InferTable, 
/**
 * How long, and how.
 */
choice?: SummaryChoice, 
/**
 * How.
 */
settings?: ModelSettings, };

/**
 * How long a summary is, and how it is searched for; as the model's makers say unless said here.
 */
export type SummaryChoice = { 
/**
 * Most tokens.
 */
max_tokens?: number, 
/**
 * Beginnings that are followed at once; 1 is fastest.
 */
beams?: number, 
/**
 * What the model wants before a text, such as `summarize: `.
 */
prefix?: string, };

/**
 * How tokens that disagree are joined to entities.
 */
export type TagJoin = "first" | "simple";

/**
 * Asks for the entities of a few texts.
 */
export type TagRequest = { 
/**
 * The texts.
 */
texts: Array<string>, 
/**
 * How parts of words are joined.
 */
join?: TagJoin, 
/**
 * How.
 */
settings?: ModelSettings, };

/**
 * The entities of some texts.
 */
export type TagResponse = { 
/**
 * For every text its entities in their order.
 */
entities: Array<Array<TaggedEntity>>, 
/**
 * The model.
 */
model: string, 
/**
 * What it ran on.
 */
ran_on: RanOn, };

/**
 * Asks for the entities of every row of a table; appends them as JSON. A job.
 */
export type TagTableRequest = { 
/**
 * The table.
 */
table: InferTable, 
/**
 * How parts of words are joined.
 */
join?: TagJoin, 
/**
 * How.
 */
settings?: ModelSettings, };

/**
 * An entity in a text.
 */
export type TaggedEntity = { 
/**
 * As it stands in the text.
 */
text: string, 
/**
 * Its type.
 */
type: string, 
/**
 * Its first character.
 */
start: number, 
/**
 * The character after its last.
 */
end: number, 
/**
 * How sure the model is, between 0 and 1.
 */
score: number, };

/**
 * How likely a lead is, in one word.
 */
export type Temperature = "hot" | "warm" | "cold";

/**
 * What came of the leads of a temperature.
 */
export type TemperatureFigures = { 
/**
 * Which.
 */
temperature: Temperature, 
/**
 * Leads.
 */
rows: number, 
/**
 * Of them, those that converted.
 */
positive: number, };

/**
 * A term and its weight in a segment's centre.
 */
export type Term = { 
/**
 * The term.
 */
term: string, 
/**
 * Mean TF-IDF value over the segment's rows.
 */
weight: number, };

/**
 * A comparison. Numbers and dates compare as such in columns of those kinds.
 */
export type Test = "contains" | "equals" | "differs" | "at_least" | "at_most" | "missing" | "present";

/**
 * What a text is to the model.
 */
export type TextRole = "document" | "query" | "plain";

/**
 * Where a token is, the first of these that has one.
 */
export type TokenPlace = "environment" | "keyring" | "file" | "hub";

/**
 * Trains a classifier on the rows of a table that have a text and a class, and writes it into a folder
 * that [`classify`](super::classify::classify) takes as a model. A job.
 */
export type TrainClassifierRequest = { 
/**
 * The rows.
 */
source: Source, 
/**
 * Columns whose text is joined by one space; see
 * [`SegmentSettings::text_cols`](super::segment::SegmentSettings::text_cols).
 */
text_cols?: Array<string>, 
/**
 * The column with the classes.
 */
label_col: string, 
/**
 * The folder to write, in a folder that is there; one of Mirante's own unless said. One that holds
 * another such model is replaced.
 */
output_dir?: string, 
/**
 * What learns.
 */
kind?: ClassifierKind, 
/**
 * What it learns from.
 */
features?: ClassifierFeatures, 
/**
 * The share of every class that is held out of learning, to measure on; above 0 and below 1.
 */
validation_split?: number, 
/**
 * Decides which rows are held out.
 */
seed?: number, 
/**
 * What a row weighs.
 */
class_weights?: ClassWeights, 
/**
 * How little the model is held back from following single rows: scikit-learn's `C`, above 0.
 */
c?: number, 
/**
 * Language of the card and the picture; the person's unless said.
 */
language?: Language, };

/**
 * What was trained.
 */
export type TrainClassifierResponse = { 
/**
 * The folder.
 */
output_dir: string, 
/**
 * How good it is; in `metrics-final.json` too.
 */
figures: ClassifierFigures, 
/**
 * Cautions, by code: `rows_without_text`, `rows_without_label`, `texts_cut`, `solver_stopped`.
 */
warnings: Array<Warning>, 
/**
 * Wall-clock seconds of it all.
 */
seconds: number, };

/**
 * Teaches a model that reads, whole or by a small change, and writes a model that stands wherever its task
 * takes one. A job.
 */
export type TrainEncoderRequest = { 
/**
 * A card's short name, a repository of the hub that is on this machine, or a folder.
 */
base_model: string, 
/**
 * What it learns.
 */
task: EncoderTask, 
/**
 * Where everything goes, the model too; a folder of Mirante's own unless said.
 */
output_dir?: string, 
/**
 * How.
 */
settings?: EncoderSettings, 
/**
 * Go on where an earlier training in that folder was cut off.
 */
resume?: boolean, };

/**
 * Learns from leads of which is known whether they converted, and writes what scores others into a
 * folder. A job.
 */
export type TrainLeadsRequest = { 
/**
 * The leads.
 */
source: Source, 
/**
 * The column that says whether a lead converted.
 */
target: string, 
/**
 * What stands there for a lead that did; found out for 1, sim, yes, true and the like.
 */
positive?: string, 
/**
 * Columns that are read word by word, besides those that look like text.
 */
text_cols?: Array<string>, 
/**
 * Columns that take no part.
 */
ignore?: Array<string>, 
/**
 * The folder to write, in a folder that is there; one of Mirante's own unless said. One that holds
 * another such model is replaced.
 */
output_dir?: string, 
/**
 * From which probability on a lead is hot. Unless said, so that as many leads are hot as convert.
 */
hot?: number, 
/**
 * From which probability on a lead is warm. Unless said, the share of all leads that convert.
 */
warm?: number, 
/**
 * Decides which leads are held out together.
 */
seed?: number, 
/**
 * How little the model is held back from following single leads: scikit-learn's `C`, above 0.
 */
c?: number, 
/**
 * Language of the card and the pictures; the person's unless said.
 */
language?: Language, };

/**
 * What was learnt of leads.
 */
export type TrainLeadsResponse = { 
/**
 * The folder.
 */
output_dir: string, 
/**
 * How good it is; in `metrics-final.json` too.
 */
figures: LeadFigures, 
/**
 * Cautions, by code: `rows_without_target`, `lead_leaks`, `lead_columns_left_out`, `solver_stopped`.
 */
warnings: Array<Warning>, 
/**
 * Wall-clock seconds of it all.
 */
seconds: number, };

/**
 * Teaches a model that writes, by a small change of its maps (LoRA). A job.
 */
export type TrainLoraRequest = { 
/**
 * A card's short name, a repository of the hub that is on this machine, or a folder.
 */
base_model: string, 
/**
 * Examples: JSON Lines of `prompt` and `reply`, Alpaca's form, or conversations (`messages`).
 */
train_file: string, 
/**
 * The share of them that is not learned but measured on.
 */
validation_split?: number, 
/**
 * Where everything goes; a folder of Mirante's own unless said.
 */
output_dir?: string, 
/**
 * How.
 */
settings?: LoraSettings, 
/**
 * Go on where an earlier training in that folder was cut off.
 */
resume?: boolean, };

/**
 * A training, as its folder tells it.
 */
export type Training = { 
/**
 * Its folder.
 */
output_dir: string, 
/**
 * Where it stands.
 */
state: TrainingState, 
/**
 * What was asked for.
 */
request: TrainingAsked, 
/**
 * When it was first begun, in milliseconds since 1970.
 */
begun_at: number, 
/**
 * Steps taken.
 */
step: number, 
/**
 * Steps in all.
 */
steps: number, 
/**
 * Seconds until it ends, at the pace so far.
 */
seconds_left: number | null, 
/**
 * All steps taken.
 */
curve: Array<TrainingStep>, 
/**
 * All looks at what was not learned.
 */
evaluations: Array<TrainingEvaluation>, 
/**
 * What it came to, once it is done.
 */
result: TrainingResult | null, };

/**
 * What was asked for, whichever kind of model is taught.
 */
export type TrainingAsked = TrainEncoderRequest | TrainLoraRequest;

/**
 * What a training needs, before it starts.
 */
export type TrainingEstimate = { 
/**
 * What would do the arithmetic.
 */
device: string, 
/**
 * Bytes of main memory.
 */
memory: number, 
/**
 * Bytes that it may take.
 */
memory_limit: number | null, 
/**
 * Bytes of the card's memory; null on the processor.
 */
card_memory: number | null, 
/**
 * Bytes of it that it may take; null where that is not known.
 */
card_limit: number | null, 
/**
 * Bytes of disk, checkpoints included.
 */
disk: number, 
/**
 * Bytes of disk that there are.
 */
disk_free: number | null, 
/**
 * Seconds, by what the device does in a moment.
 */
seconds: number, 
/**
 * Steps.
 */
steps: number, 
/**
 * Examples that are learned.
 */
taught: number, 
/**
 * Examples that are measured on.
 */
held: number, 
/**
 * Examples whose end is cut off.
 */
cut: number, 
/**
 * Examples left out, whose question alone is too long.
 */
dropped: number, 
/**
 * Tokens of all that is learned, once.
 */
tokens: number, 
/**
 * Numbers that are learned.
 */
parameters: number, 
/**
 * Whether memory and disk are enough.
 */
fits: boolean, 
/**
 * The nearest settings with which it would fit, where it does not and there are some.
 */
would_fit?: TrainingSettings, 
/**
 * Bytes of the memory that is too small now, the card's or the machine's, with them.
 */
would_take?: number, };

/**
 * A look at what was not learned, as `metrics.jsonl` has it.
 */
export type TrainingEvaluation = { 
/**
 * After so many steps.
 */
step: number, 
/**
 * Figures by name.
 */
figures: Record<string, number>, 
/**
 * Whether it was never better.
 */
is_best: boolean, };

/**
 * A training by its folder.
 */
export type TrainingRequest = { 
/**
 * Its folder; the last one unless said.
 */
output_dir?: string, };

/**
 * What a training came to.
 */
export type TrainingResult = { 
/**
 * The folder of the training.
 */
output_dir: string, 
/**
 * The folder of the adapter, in PEFT's form, of a model that writes.
 */
adapter?: string, 
/**
 * The folder of the model that it has become, of one that reads.
 */
model?: string, 
/**
 * The model that it changes.
 */
base_model: string, 
/**
 * Where it was taught; nothing of trainings from before that was written down.
 */
ran_on?: RanOn, 
/**
 * Steps taken.
 */
steps: number, 
/**
 * `whole`, `early` where it became no better, `kept` where it was ended by hand.
 */
end: string, 
/**
 * Figures of the examples that were not learned, at their best.
 */
figures: Record<string, number>, 
/**
 * How well each class or type of entity is found among them.
 */
labels?: Array<LabelFigures>, 
/**
 * By right class, in it by the class that was found: examples.
 */
confusion?: Array<Array<number>>, 
/**
 * Seconds at work.
 */
seconds: number, 
/**
 * Tokens a second.
 */
tokens_per_second: number, 
/**
 * Most bytes of main memory that the process took; null where the system does not say.
 */
peak_memory: number | null, 
/**
 * What was expected.
 */
estimate: TrainingEstimate, };

/**
 * How a model is taught, whichever kind it is of.
 */
export type TrainingSettings = LoraSettings | EncoderSettings;

/**
 * Where a training stands.
 */
export type TrainingState = "running" | "done" | "interrupted";

/**
 * A step that was taken, as `metrics.jsonl` has it.
 */
export type TrainingStep = { 
/**
 * Its number, from 1.
 */
step: number, 
/**
 * Epochs, in parts.
 */
epoch: number, 
/**
 * The mean loss of what was learned in it.
 */
loss: number, 
/**
 * The learning rate.
 */
learning_rate: number, 
/**
 * The length of the gradients.
 */
gradient_norm: number, 
/**
 * Tokens a second.
 */
tokens_per_second: number, 
/**
 * Seconds that it took.
 */
seconds: number, 
/**
 * Bytes of main memory that the process takes.
 */
memory: number | null, };

/**
 * All trainings that this machine knows of.
 */
export type TrainingsRequest = Record<symbol, never>;

/**
 * All trainings, the last first.
 */
export type TrainingsResponse = { 
/**
 * They, without their curves.
 */
trainings: Array<Training>, };

/**
 * One number of segments and its figures.
 */
export type TriedK = { 
/**
 * Segments.
 */
k: number, 
/**
 * Sum of squared distances to the centroids; falls with k.
 */
inertia: number, 
/**
 * Of a sample; higher is better. Null where it is not defined.
 */
silhouette: number | null, 
/**
 * Lower is better (Davies and Bouldin 1979). Null where it is not defined.
 */
davies_bouldin: number | null, };

/**
 * Takes back the last rename, new run, choice of run, or dataset rename.
 */
export type UndoRequest = Record<symbol, never>;

/**
 * What was taken back.
 */
export type UndoResponse = { 
/**
 * `rename_segment`, `rename_dataset` or `choose_run` (a new run counts as one); null when there was nothing left to undo.
 */
undone: string | null, 
/**
 * The table it was about.
 */
dataset: number | null, };

/**
 * Changes rows of an index; only texts that are new get vectors. A job: meanwhile the index answers as it
 * was. When a tenth of the rows has changed since it was built, it is built anew in the end.
 */
export type UpdateIndexRequest = { 
/**
 * The index.
 */
index: string, 
/**
 * The table as it is now: rows that are not in it go, texts that are not in the index come.
 */
source?: Source, 
/**
 * Rows that come, or take the place of those that have their ids.
 */
put?: Array<IndexRow>, 
/**
 * Ids of rows that go.
 */
delete?: Array<string>, };

/**
 * How an index changed.
 */
export type UpdateIndexResponse = { 
/**
 * As it is now.
 */
index: Index, 
/**
 * Rows that came.
 */
added: number, 
/**
 * Rows that have another text than before under their id.
 */
changed: number, 
/**
 * Rows that went.
 */
removed: number, 
/**
 * Whether it was built anew.
 */
rebuilt: boolean, };

/**
 * A model, or one that an adapter changes.
 */
export type UsualModel = { 
/**
 * A card's short name, a repository of the hub that is on this machine, or a folder; that which the
 * adapter names unless said.
 */
model?: string, 
/**
 * The folder of an adapter.
 */
adapter?: string, };

/**
 * What a model is asked for.
 */
export type UsualTask = "classify" | "tag" | "answer" | "summarize" | "generate";

/**
 * How often a value stands.
 */
export type ValueCount = { 
/**
 * The value as it stands in the table.
 */
value: string, 
/**
 * Rows that have it.
 */
count: number, };

/**
 * A file format for vectors.
 */
export type VectorFormat = "json" | "jsonl" | "npy" | "parquet";

/**
 * Whether a model is what was fetched.
 */
export type VerifyModelResponse = { 
/**
 * Files looked at.
 */
files: number, 
/**
 * Those whose bytes are not what their hash says.
 */
broken: Array<string>, };

/**
 * Which rows, in which order. An empty view is the whole table as it stands in the file.
 */
export type View = { 
/**
 * Rows where any column holds this text; case and accents do not count.
 */
search?: string, 
/**
 * All of them must hold.
 */
filters?: Array<Filter>, 
/**
 * One column's order; the file's order unless given.
 */
sort?: Sort, 
/**
 * What is selected in the map, the list or the grid.
 */
selection?: Selection, };

/**
 * A caution that does not stop the work; the locale files hold its sentence.
 */
export type Warning = { 
/**
 * Names the sentence.
 */
code: string, 
/**
 * A number the sentence speaks of.
 */
count: number, };

/**
 * How a text is written; as the model's makers say unless said here.
 */
export type Writing = { 
/**
 * Most tokens.
 */
max_tokens: number, 
/**
 * How freely tokens are drawn; 0 takes the likeliest.
 */
temperature?: number, 
/**
 * Tokens are drawn among the likeliest that together have this share.
 */
top_p?: number, 
/**
 * The same seed writes the same text.
 */
seed: number, };

/** Every operation: how it answers, what it takes, what it gives. */
export interface Operations {
  preview: { answer: "query"; request: PreviewRequest; response: OpenResponse };
  open: { answer: "job"; request: OpenRequest; response: OpenResponse };
  import: { answer: "job"; request: ImportRequest; response: Dataset };
  import_sample: { answer: "job"; request: ImportSampleRequest; response: Dataset };
  datasets: { answer: "query"; request: DatasetsRequest; response: DatasetsResponse };
  dataset: { answer: "query"; request: DatasetRequest; response: Dataset };
  rename_dataset: { answer: "query"; request: RenameDatasetRequest; response: Dataset };
  remove_dataset: { answer: "query"; request: RemoveDatasetRequest; response: Done };
  issues: { answer: "query"; request: IssuesRequest; response: IssuesResponse };
  export_issues: { answer: "job"; request: ExportIssuesRequest; response: ExportResponse };
  rows: { answer: "query"; request: RowsRequest; response: RowsResponse };
  row: { answer: "query"; request: RowRequest; response: Row };
  matches: { answer: "bytes"; request: MatchesRequest; response: ArrayBuffer };
  column_stats: { answer: "query"; request: ColumnStatsRequest; response: ColumnStatsResponse };
  segment: { answer: "job"; request: SegmentRequest; response: SegmentResponse };
  runs: { answer: "query"; request: RunsRequest; response: RunsResponse };
  run: { answer: "query"; request: RunRequest; response: Run };
  choose_run: { answer: "query"; request: ChooseRunRequest; response: Run };
  rename_segment: { answer: "query"; request: RenameSegmentRequest; response: Run };
  undo: { answer: "query"; request: UndoRequest; response: UndoResponse };
  assign: { answer: "job"; request: AssignRequest; response: AssignResponse };
  suggest_k: { answer: "job"; request: SuggestKRequest; response: SuggestKResponse };
  models: { answer: "query"; request: ModelsRequest; response: ModelsResponse };
  model: { answer: "query"; request: ModelRequest; response: ModelEntry };
  model_card: { answer: "query"; request: ModelRequest; response: ModelCard };
  pull_model: { answer: "job"; request: PullModelRequest; response: ModelEntry };
  import_model: { answer: "job"; request: ImportModelRequest; response: ModelEntry };
  verify_model: { answer: "job"; request: ModelRequest; response: VerifyModelResponse };
  remove_model: { answer: "query"; request: ModelRequest; response: ModelEntry };
  set_usual_model: { answer: "query"; request: SetUsualModelRequest; response: SetUsualModelResponse };
  hub_token: { answer: "private"; request: HubTokenRequest; response: HubToken };
  set_hub_token: { answer: "private"; request: SetHubTokenRequest; response: HubToken };
  clear_hub_token: { answer: "private"; request: HubTokenRequest; response: HubToken };
  embed: { answer: "query"; request: EmbedRequest; response: EmbedResponse };
  classify: { answer: "query"; request: ClassifyRequest; response: ClassifyResponse };
  classify_table: { answer: "job"; request: ClassifyTableRequest; response: InferredTable };
  train_classifier: { answer: "job"; request: TrainClassifierRequest; response: TrainClassifierResponse };
  train_leads: { answer: "job"; request: TrainLeadsRequest; response: TrainLeadsResponse };
  score_leads: { answer: "query"; request: ScoreLeadsRequest; response: ScoreLeadsResponse };
  score_leads_table: { answer: "job"; request: ScoreLeadsTableRequest; response: ScoreLeadsTableResponse };
  tag: { answer: "query"; request: TagRequest; response: TagResponse };
  tag_table: { answer: "job"; request: TagTableRequest; response: InferredTable };
  answer: { answer: "query"; request: AnswerRequest; response: AnswerResponse };
  answer_table: { answer: "job"; request: AnswerTableRequest; response: InferredTable };
  qa_fields: { answer: "query"; request: QaFieldsRequest; response: QaFieldsResponse };
  build_qa: { answer: "job"; request: BuildQaRequest; response: BuildQaResponse };
  ask_qa: { answer: "job"; request: AskQaRequest; response: AskQaResponse };
  eval_qa: { answer: "job"; request: EvalQaRequest; response: EvalQaResponse };
  qa_document: { answer: "query"; request: QaDocumentRequest; response: QaDocumentResponse };
  judge_qa: { answer: "query"; request: JudgeQaRequest; response: JudgeQaResponse };
  qa_judgements: { answer: "query"; request: QaJudgementsRequest; response: QaJudgementsResponse };
  export_qa_labels: { answer: "job"; request: ExportQaLabelsRequest; response: ExportQaLabelsResponse };
  summarize: { answer: "job"; request: SummarizeRequest; response: SummarizeResponse };
  summarize_table: { answer: "job"; request: SummarizeTableRequest; response: InferredTable };
  generate: { answer: "job"; request: GenerateRequest; response: GenerateResponse };
  generate_table: { answer: "job"; request: GenerateTableRequest; response: InferredTable };
  build_examples: { answer: "job"; request: BuildExamplesRequest; response: BuildExamplesResponse };
  estimate_training: { answer: "job"; request: TrainLoraRequest; response: TrainingEstimate };
  train_lora: { answer: "job"; request: TrainLoraRequest; response: TrainingResult };
  estimate_encoder: { answer: "job"; request: TrainEncoderRequest; response: TrainingEstimate };
  train_encoder: { answer: "job"; request: TrainEncoderRequest; response: TrainingResult };
  training: { answer: "query"; request: TrainingRequest; response: Training };
  trainings: { answer: "query"; request: TrainingsRequest; response: TrainingsResponse };
  stop_training: { answer: "query"; request: StopTrainingRequest; response: Training };
  merge_adapter: { answer: "job"; request: MergeAdapterRequest; response: MergeAdapterResponse };
  index_table: { answer: "job"; request: IndexTableRequest; response: Index };
  update_index: { answer: "job"; request: UpdateIndexRequest; response: UpdateIndexResponse };
  search: { answer: "query"; request: SearchRequest; response: SearchResponse };
  indexes: { answer: "query"; request: IndexesRequest; response: IndexesResponse };
  remove_index: { answer: "query"; request: IndexRequest; response: IndexesResponse };
  eval_retrieval: { answer: "job"; request: EvalRetrievalRequest; response: EvalRetrievalResponse };
  embed_table: { answer: "job"; request: EmbedTableRequest; response: EmbedTableResponse };
  lay_out_map: { answer: "job"; request: LayOutMapRequest; response: LayOutMapResponse };
  map_points: { answer: "bytes"; request: MapPointsRequest; response: ArrayBuffer };
  export: { answer: "job"; request: ExportRequest; response: ExportResponse };
  plot: { answer: "job"; request: PlotRequest; response: ExportResponse };
  jobs: { answer: "query"; request: JobsRequest; response: JobsResponse };
  job: { answer: "query"; request: JobRequest; response: JobStatus };
  cancel: { answer: "query"; request: JobRequest; response: JobStatus };
  pause: { answer: "query"; request: JobRequest; response: JobStatus };
  resume: { answer: "query"; request: JobRequest; response: JobStatus };
  settings: { answer: "query"; request: SettingsRequest; response: Settings };
  save_settings: { answer: "query"; request: Settings; response: Settings };
  about: { answer: "query"; request: AboutRequest; response: AboutResponse };
}
