//! Which rows a view shows: its search, filters and selection, in its order.

use std::sync::Arc;

use mirante_data::project2d::points_in_polygon;
use mirante_data::table::{self, Bits, Condition, Table, fold};

use crate::app::App;
use crate::error::{Error, Result};
use crate::opened::{OpenTable, Rows};
use crate::ops::datasets::Dataset;
use crate::ops::open::Kind;
use crate::ops::rows::{Filter, Selection, Test, View};

/// The place of a column.
///
/// # Errors
/// [`Error::UnknownColumn`] with the nearest name there is.
pub(crate) fn column_of(table: &Table, name: &str) -> Result<usize> {
    table.column(name).map_err(|_| unknown_column(name, table.names()))
}

/// The error that names the column most like the one that was asked for.
pub(crate) fn unknown_column(name: &str, names: &[String]) -> Error {
    let wanted = fold(name);
    let nearest = names
        .iter()
        .map(|known| (strsim::damerau_levenshtein(&fold(known), &wanted), known))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known.clone());
    Error::UnknownColumn { column: name.to_owned(), nearest }
}

impl App {
    /// The rows of a view of a dataset.
    pub(crate) fn view(&self, dataset: &Dataset, view: &View) -> Result<Arc<Rows>> {
        let open = self.table(dataset.id)?;
        let run = view.selection.as_ref().and_then(|selection| selection.run).or(dataset.run);
        let key = format!("{run:?} {}", serde_json::to_string(view)?);
        open.view(&key, || {
            let conditions = view
                .filters
                .iter()
                .map(|filter| condition(dataset, &open.table, filter))
                .collect::<Result<Vec<_>>>()?;
            let mut set = table::rows_matching(&open.table, &view.search, &conditions);
            if let Some(selection) = &view.selection {
                set.intersect(&self.selected(&open, selection, run)?);
            }
            let order = match &view.sort {
                Some(sort) => {
                    Some((open.order(column_of(&open.table, &sort.column)?), sort.descending))
                }
                None => None,
            };
            let order = order.as_ref().map(|(order, descending)| (&**order, *descending));
            let shown = table::rows_in_order(&set, order);
            Ok(Rows { set, shown })
        })
    }

    fn selected(&self, open: &OpenTable, selection: &Selection, run: Option<i64>) -> Result<Bits> {
        let rows = open.table.rows();
        let mut set = Bits::all(rows);
        if !selection.rows.is_empty() {
            let mut chosen = Bits::none(rows);
            selection.rows.iter().for_each(|&row| chosen.insert(row as usize));
            set.intersect(&chosen);
        }
        if selection.segments.is_empty() && selection.lasso.is_empty() {
            return Ok(set);
        }
        let run = run.ok_or(Error::Unknown { what: "run", id: String::new() })?;
        let open = self.open_run(run)?;
        if !selection.segments.is_empty() {
            let wanted = |row: usize| {
                open.labels.get(row).is_some_and(|&s| selection.segments.contains(&u32::from(s)))
            };
            set.intersect(&Bits::from_fn(rows, wanted));
        }
        if !selection.lasso.is_empty() {
            let points = open.points.as_ref().ok_or(Error::NoMap { run })?;
            let mut inside = Bits::none(rows);
            points_in_polygon(points, &selection.lasso)
                .into_iter()
                .for_each(|row| inside.insert(row as usize));
            set.intersect(&inside);
        }
        Ok(set)
    }
}

/// From here on a value may stand for several whole numbers.
const EXACT: f64 = 9_007_199_254_740_992.0;

fn condition(dataset: &Dataset, table: &Table, filter: &Filter) -> Result<Condition> {
    let column = column_of(table, &filter.column)?;
    let text = filter.value.clone();
    let parse = crate::reading::parser(&dataset.columns[column], &dataset.options);
    let value = parse.as_ref().map(|parse| {
        parse(text.trim()).ok_or_else(|| Error::BadOption {
            option: "value",
            value: text.clone(),
            allowed: filter.column.clone(),
        })
    });
    // A date without a time is a whole day: up to its end, where the cells have times.
    let is_day = dataset.columns[column].kind == Kind::Date && !text.contains(':');
    let end = |value: f64| if is_day { (value + 1.0).next_down() } else { value };
    let test = match (filter.test, value) {
        (Test::Contains, _) => table::Test::Contains(text),
        // A long identifier's value has lost digits: there the text decides.
        (Test::Equals, Some(Ok(value))) if value.abs() < EXACT => {
            table::Test::Within(value, end(value))
        }
        (Test::Differs, Some(Ok(value))) if value.abs() < EXACT => {
            table::Test::Outside(value, end(value))
        }
        (Test::Equals | Test::Differs, Some(Err(refused))) => return Err(refused),
        (Test::Equals, _) => table::Test::Equals(text),
        (Test::Differs, _) => table::Test::Differs(text),
        (Test::AtLeast, Some(value)) => table::Test::AtLeast(value?),
        (Test::AtLeast, None) => table::Test::FromText(text),
        (Test::AtMost, Some(value)) => table::Test::AtMost(end(value?)),
        (Test::AtMost, None) => table::Test::UpToText(text),
        (Test::Missing, _) => table::Test::Missing,
        (Test::Present, _) => table::Test::Present,
    };
    Ok(Condition { column, test })
}
