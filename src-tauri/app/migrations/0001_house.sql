-- Imported tables. What they hold lies in tables/<id>/; this says what they are.
create table datasets (
    id          integer primary key autoincrement,
    name        text    not null,
    description text    not null, -- the Dataset of the operations, as JSON, less what stands in columns here
    imported_at integer not null, -- Unix milliseconds, as every time here
    opened_at   integer not null,
    run         integer           -- the segmentation in focus
);

-- Kept segmentations. Labels and map points lie in runs/<id>/.
create table runs (
    id         integer primary key autoincrement,
    dataset    integer not null references datasets (id) on delete cascade,
    created_at integer not null,
    request    text    not null, -- SegmentRequest as JSON
    result     text    not null  -- SegmentResponse as JSON, segment names included
);
create index runs_by_dataset on runs (dataset, id);

-- What can be taken back, the latest last.
create table undo (
    id      integer primary key autoincrement,
    dataset integer not null references datasets (id) on delete cascade,
    kind    text    not null, -- rename_segment, rename_dataset, choose_run
    before  text    not null  -- what stood there, as JSON
);

create table jobs (
    id          integer primary key autoincrement,
    operation   text    not null,
    state       text    not null,
    created_at  integer not null,
    started_at  integer,
    finished_at integer,
    request     text    not null,
    response    text,
    failure     text,
    step        text,
    log         text    not null default '[]'
);

create table settings (
    name  text primary key,
    value text not null
);
