//! What is held in memory of imported tables and runs, so that a page is answered at once.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use mirante_data::table::{Bits, Order, Table, order_by};

use crate::app::App;
use crate::error::{Error, Result};
use crate::lock::held;

/// Views kept per table: the last few, so that paging, the map and the list share one.
const VIEWS: usize = 8;

/// Open tables and runs.
#[derive(Default)]
pub(crate) struct Opened {
    tables: Mutex<HashMap<i64, Arc<OpenTable>>>,
    runs: Mutex<HashMap<i64, Arc<OpenRun>>>,
}

/// A table, its orders and its last views.
pub(crate) struct OpenTable {
    /// The table.
    pub(crate) table: Table,
    orders: Mutex<HashMap<usize, Arc<Order>>>,
    views: Mutex<Vec<(String, Arc<Rows>)>>,
    folder: std::path::PathBuf,
}

/// The rows of a view: as a set, and as they are shown.
pub(crate) struct Rows {
    /// Which rows.
    pub(crate) set: Bits,
    /// In the view's order.
    pub(crate) shown: Vec<u32>,
}

/// The labels of a run, and its points once the map is laid out.
pub(crate) struct OpenRun {
    /// One segment a row.
    pub(crate) labels: Vec<u16>,
    /// One point a row.
    pub(crate) points: Option<Vec<[f32; 2]>>,
}

impl OpenTable {
    /// A column's order: from its file where the import left one, else made now.
    #[must_use]
    pub(crate) fn order(&self, column: usize) -> Arc<Order> {
        if let Some(order) = held(&self.orders).get(&column) {
            return Arc::clone(order);
        }
        let order = read_order(&self.folder, column, self.table.rows())
            .unwrap_or_else(|| order_by(&self.table, column));
        let order = Arc::new(order);
        held(&self.orders).insert(column, Arc::clone(&order));
        order
    }

    /// The view of that key, made by `make` unless it was among the last ones.
    ///
    /// # Errors
    /// Whatever `make` fails with.
    pub(crate) fn view(&self, key: &str, make: impl FnOnce() -> Result<Rows>) -> Result<Arc<Rows>> {
        if let Some((_, rows)) = held(&self.views).iter().find(|(known, _)| known == key) {
            return Ok(Arc::clone(rows));
        }
        let rows = Arc::new(make()?);
        let mut views = held(&self.views);
        views.insert(0, (key.to_owned(), Arc::clone(&rows)));
        views.truncate(VIEWS);
        Ok(rows)
    }
}

/// The file of a column's order: the count of missing values, then every row, as u32 little-endian.
fn order_path(folder: &Path, column: usize) -> std::path::PathBuf {
    folder.join(format!("order-{column}"))
}

/// Keeps a column's order beside its table.
///
/// # Errors
/// [`Error::Unwritable`] or [`Error::DiskFull`].
pub(crate) fn write_order(folder: &Path, column: usize, order: &Order) -> Result<()> {
    let numbers = std::iter::once(order.missing as u32).chain(order.rows.iter().copied());
    let bytes: Vec<u8> = numbers.flat_map(u32::to_le_bytes).collect();
    let path = order_path(folder, column);
    std::fs::write(&path, bytes).map_err(|error| Error::writing(&path, error))
}

fn read_order(folder: &Path, column: usize, rows: usize) -> Option<Order> {
    let bytes = std::fs::read(order_path(folder, column)).ok()?;
    let mut numbers = numbers_u32(&bytes);
    let missing = numbers.next()? as usize;
    let order = Order { rows: numbers.collect(), missing };
    // A file cut short is made again, not believed.
    let whole = order.rows.len() == rows && missing <= rows;
    (whole && order.rows.iter().all(|&row| (row as usize) < rows)).then_some(order)
}

fn numbers_u32(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    bytes.chunks_exact(4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
}

impl App {
    /// The table of a dataset.
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is none; [`Error::Storage`] when its file is broken.
    pub(crate) fn table(&self, dataset: i64) -> Result<Arc<OpenTable>> {
        if let Some(table) = held(&self.opened.tables).get(&dataset) {
            return Ok(Arc::clone(table));
        }
        let folder = self.home().join("tables").join(dataset.to_string());
        let path = folder.join("table.arrow");
        if !path.exists() {
            return Err(Error::Unknown { what: "dataset", id: dataset.to_string() });
        }
        let table = Arc::new(OpenTable {
            table: Table::open(&path)?,
            orders: Mutex::default(),
            views: Mutex::default(),
            folder,
        });
        held(&self.opened.tables).insert(dataset, Arc::clone(&table));
        Ok(table)
    }

    /// Labels and points of a run.
    ///
    /// # Errors
    /// [`Error::Unknown`] when the run was never kept.
    pub(crate) fn open_run(&self, run: i64) -> Result<Arc<OpenRun>> {
        if let Some(open) = held(&self.opened.runs).get(&run) {
            return Ok(Arc::clone(open));
        }
        let folder = self.run_folder(run);
        let labels = std::fs::read(folder.join("labels.u16"))
            .map_err(|_| Error::Unknown { what: "run", id: run.to_string() })?;
        let labels: Vec<u16> =
            labels.chunks_exact(2).map(|two| u16::from_le_bytes([two[0], two[1]])).collect();
        let points = std::fs::read(folder.join("points.f32")).ok().map(|bytes| {
            let numbers: Vec<f32> = numbers_u32(&bytes).map(f32::from_bits).collect();
            numbers.chunks_exact(2).map(|two| [two[0], two[1]]).collect::<Vec<_>>()
        });
        let points = points.filter(|points| points.len() == labels.len());
        let open = Arc::new(OpenRun { labels, points });
        held(&self.opened.runs).insert(run, Arc::clone(&open));
        Ok(open)
    }

    /// Where a run's labels, points and model lie.
    #[must_use]
    pub(crate) fn run_folder(&self, run: i64) -> std::path::PathBuf {
        self.home().join("runs").join(run.to_string())
    }

    /// Forgets what is held of a table, after it was removed.
    pub(crate) fn close_table(&self, dataset: i64) {
        held(&self.opened.tables).remove(&dataset);
    }

    /// Forgets what is held of a run, after it changed.
    pub(crate) fn close_run(&self, run: i64) {
        held(&self.opened.runs).remove(&run);
    }
}
