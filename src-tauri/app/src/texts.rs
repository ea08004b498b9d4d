//! The text of every row of a source, in order, some at a time.

use mirante_data::export::RowId;
use mirante_data::file::{Block, FileError};

use crate::error::Result;
use crate::job::Job;
use crate::ops::open::Kind;
use crate::reading;
use crate::segmenting::From;
use crate::view::unknown_column;

/// A row's id and its text.
pub(crate) struct TextRow {
    pub(crate) id: RowId,
    /// The cells of the text columns, joined by one space; those that are missing are left out.
    pub(crate) text: String,
    /// All cells, where they were asked for.
    pub(crate) cells: Vec<Option<String>>,
}

/// Which columns are read.
pub(crate) struct Columns {
    texts: Vec<usize>,
    id: Option<usize>,
    /// How many there are, where all cells are wanted; else none.
    cells: usize,
    /// Names of the text columns.
    pub(crate) names: Vec<String>,
    /// Whether every id is a whole number.
    pub(crate) numbered: bool,
}

impl From {
    /// The columns to read for texts and ids; without an id column a row's place is its id.
    pub(crate) fn columns_for(&self, texts: &[String], id: Option<&str>) -> Result<Columns> {
        let (places, names) = self.text_columns(texts)?;
        let all = self.column_names();
        let Some(id) = id else {
            return Ok(Columns { texts: places, id: None, cells: 0, names, numbered: true });
        };
        let place =
            all.iter().position(|name| name == id).ok_or_else(|| unknown_column(id, &all))?;
        let numbered = match self {
            // A file's cells are only known once they are read: its ids stay text.
            Self::File(_) => false,
            Self::Table(dataset, _) => {
                let column = &dataset.columns[place];
                column.kind == Kind::Integer && column.missing == 0
            }
        };
        Ok(Columns { texts: places, id: Some(place), cells: 0, names, numbered })
    }

    /// The names of all columns.
    pub(crate) fn column_names(&self) -> Vec<String> {
        match self {
            Self::File(file) => file.reader.columns().to_vec(),
            Self::Table(dataset, _) => {
                dataset.columns.iter().map(|column| column.name.clone()).collect()
            }
        }
    }

    /// What the source is called: a table's name, a file's without folder and ending.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::File(file) => {
                let stem = std::path::Path::new(&file.path).file_stem().unwrap_or_default();
                stem.to_string_lossy().into_owned()
            }
            Self::Table(dataset, _) => dataset.name.clone(),
        }
    }

    /// Rows of the source; a file is read for it.
    pub(crate) fn row_count(&self, job: &Job) -> Result<u64> {
        let file = match self {
            Self::Table(_, open) => return Ok(open.table.rows() as u64),
            Self::File(file) => file,
        };
        let failed = |error: FileError| reading::file_error(&file.path, error);
        let mut blocks = file.reader.blocks();
        let mut rows = 0;
        while let Some(block) = blocks.next_block().map_err(failed)? {
            job.checkpoint()?;
            rows += block.rows;
            blocks.recycle(block);
        }
        Ok(rows)
    }

    /// Hands over all rows, `some` at a time, the last time fewer.
    pub(crate) fn each_text(
        &self,
        columns: &Columns,
        some: usize,
        job: &Job,
        mut take: impl FnMut(Vec<TextRow>) -> Result<()>,
    ) -> Result<()> {
        let mut rows = Vec::with_capacity(some);
        let mut push = |row: TextRow| -> Result<()> {
            rows.push(row);
            if rows.len() < some { Ok(()) } else { take(std::mem::take(&mut rows)) }
        };
        match self {
            Self::Table(_, open) => {
                for row in 0..open.table.rows() {
                    push(columns.row(row as u64, |column| {
                        open.table.cell(row, column).map(str::to_owned)
                    }))?;
                }
            }
            Self::File(file) => {
                let failed = |error: FileError| reading::file_error(&file.path, error);
                let mut blocks = file.reader.blocks();
                let mut number = 0;
                while let Some(block) = blocks.next_block().map_err(failed)? {
                    job.checkpoint()?;
                    for row in columns.of_block(&block, &mut number) {
                        push(row)?;
                    }
                    blocks.recycle(block);
                }
            }
        }
        if rows.is_empty() { Ok(()) } else { take(rows) }
    }
}

impl Columns {
    /// The same, and with every row all of its cells.
    pub(crate) fn with_cells(self, from: &From) -> Self {
        Self { cells: from.column_names().len(), ..self }
    }

    fn of_block(&self, block: &Block, number: &mut u64) -> Vec<TextRow> {
        let mut rows = Vec::with_capacity(block.rows as usize);
        let mut records = block.records();
        while let Some(record) = records.next() {
            rows.push(self.row(*number, |column| {
                let mut cell = String::new();
                record.field(column)?.decode(&mut cell);
                (!cell.is_empty()).then_some(cell)
            }));
            *number += 1;
        }
        rows
    }

    fn row(&self, number: u64, cell: impl Fn(usize) -> Option<String>) -> TextRow {
        let texts: Vec<_> = self.texts.iter().filter_map(|&column| cell(column)).collect();
        let id = match self.id.and_then(&cell) {
            Some(id) if self.numbered => id.parse().map_or(RowId::Text(id), RowId::Number),
            Some(id) => RowId::Text(id),
            None if self.id.is_some() => RowId::Text(String::new()),
            None => RowId::Number(number as i64),
        };
        let cells = (0..self.cells).map(cell).collect();
        TextRow { id, text: texts.join(" "), cells }
    }
}
