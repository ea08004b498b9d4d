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
 * Where to write.
 */
out: string, 
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
 * What the values of a column are.
 */
export type Kind = "text" | "integer" | "number" | "boolean" | "date" | "empty";

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
 * How a model is taught.
 */
export type LoraSettings = { 
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
 * Its short name or its repository.
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
memory_limit: number, };

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
request: TrainLoraRequest, 
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
 * What a training needs, before it starts.
 */
export type TrainingEstimate = { 
/**
 * Bytes of main memory.
 */
memory: number, 
/**
 * Bytes that it may take.
 */
memory_limit: number | null, 
/**
 * Bytes of disk, checkpoints included.
 */
disk: number, 
/**
 * Bytes of disk that there are.
 */
disk_free: number | null, 
/**
 * Seconds, by what this processor does in a moment.
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
would_fit?: LoraSettings, 
/**
 * Bytes of main memory with them.
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
 * The folder of the adapter, in PEFT's form.
 */
adapter: string, 
/**
 * The model that it changes.
 */
base_model: string, 
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
  pull_model: { answer: "job"; request: PullModelRequest; response: ModelEntry };
  import_model: { answer: "job"; request: ImportModelRequest; response: ModelEntry };
  verify_model: { answer: "job"; request: ModelRequest; response: VerifyModelResponse };
  remove_model: { answer: "query"; request: ModelRequest; response: ModelEntry };
  hub_token: { answer: "private"; request: HubTokenRequest; response: HubToken };
  set_hub_token: { answer: "private"; request: SetHubTokenRequest; response: HubToken };
  clear_hub_token: { answer: "private"; request: HubTokenRequest; response: HubToken };
  embed: { answer: "query"; request: EmbedRequest; response: EmbedResponse };
  classify: { answer: "query"; request: ClassifyRequest; response: ClassifyResponse };
  classify_table: { answer: "job"; request: ClassifyTableRequest; response: InferredTable };
  tag: { answer: "query"; request: TagRequest; response: TagResponse };
  tag_table: { answer: "job"; request: TagTableRequest; response: InferredTable };
  answer: { answer: "query"; request: AnswerRequest; response: AnswerResponse };
  answer_table: { answer: "job"; request: AnswerTableRequest; response: InferredTable };
  summarize: { answer: "job"; request: SummarizeRequest; response: SummarizeResponse };
  summarize_table: { answer: "job"; request: SummarizeTableRequest; response: InferredTable };
  generate: { answer: "job"; request: GenerateRequest; response: GenerateResponse };
  generate_table: { answer: "job"; request: GenerateTableRequest; response: InferredTable };
  build_examples: { answer: "job"; request: BuildExamplesRequest; response: BuildExamplesResponse };
  estimate_training: { answer: "job"; request: TrainLoraRequest; response: TrainingEstimate };
  train_lora: { answer: "job"; request: TrainLoraRequest; response: TrainingResult };
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
