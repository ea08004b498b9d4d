-- Documents in which somebody judged an answer, whole: what was said of them holds without the file they came from.
create table documents (
    hash text primary key, -- SHA-256 of the text
    text text not null
);

-- What was said of candidates, a row a judgement. Rows are never changed: of those of one candidate the latest counts.
create table judgements (
    id           integer primary key autoincrement,
    at           integer not null,
    document     text    not null references documents (hash),
    name         text,             -- the archive; null for a text
    source       text,             -- the document within the archive
    field        text,             -- null for a question of one's own
    question     text    not null,
    start        integer not null, -- the candidate, in characters of the document
    end          integer not null,
    text         text    not null,
    found_by     text    not null, -- rules, model
    score        real    not null,
    verdict      text    not null, -- accepted, corrected, absent, rejected, withdrawn
    answer_start integer,          -- the right answer, where it is another than the candidate
    answer_end   integer,
    answer_text  text
);
create index judgements_by_candidate on judgements (document, question, start, end, id);
