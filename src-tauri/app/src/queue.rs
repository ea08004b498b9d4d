//! Jobs: a queue, two workers, and a record of every job that outlives the process.

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};

use serde_json::Value;
use sqlx::Row;
use tokio::sync::broadcast;

use crate::app::App;
use crate::error::{Error, Failure, Result};
use crate::job::Job;
use crate::lock::held;
use crate::ops::jobs::{JobState, JobStatus};
use crate::ops::{self, Operation, Output};
use crate::store::now;

/// Jobs at work at once: a long one does not keep an export waiting, and the machine's cores are
/// not shared by more than two.
const WORKERS: usize = 2;
/// Updates a slow watcher may fall behind before it misses some.
const BACKLOG: usize = 256;

/// The jobs of one running Mirante.
pub(crate) struct Queue {
    waiting: Mutex<VecDeque<Arc<Live>>>,
    arrived: Condvar,
    live: Mutex<HashMap<i64, Arc<Live>>>,
    updates: broadcast::Sender<JobStatus>,
}

/// A job that has not ended.
struct Live {
    job: Job,
    operation: Operation,
    status: Mutex<JobStatus>,
}

impl Live {
    /// The job as the screen shows it, now.
    fn status(&self) -> JobStatus {
        let mut status = held(&self.status).clone();
        let standing = self.job.standing();
        status.step = standing.step.map(str::to_owned);
        status.step_number = standing.step_number;
        status.done = standing.done;
        status.total = standing.total;
        status.rate = standing.rate;
        status.seconds_left = standing.seconds_left;
        status.text = Some(standing.text).filter(|text| !text.is_empty());
        status.log = standing.log;
        if status.state == JobState::Running && self.job.is_paused() {
            status.state = JobState::Paused;
        }
        status
    }
}

impl Queue {
    /// An empty queue; its workers begin with [`Queue::begin`].
    #[must_use]
    pub(crate) fn new() -> Self {
        Self {
            waiting: Mutex::default(),
            arrived: Condvar::new(),
            live: Mutex::default(),
            updates: broadcast::channel(BACKLOG).0,
        }
    }

    /// Begins the workers. They end when the application is dropped.
    pub(crate) fn begin(app: &Arc<App>) {
        for number in 0..WORKERS {
            let app = Arc::downgrade(app);
            let _ =
                std::thread::Builder::new().name(format!("job-{number}")).spawn(move || work(&app));
        }
    }

    /// Hears of every change of every job.
    #[must_use]
    pub(crate) fn watch(&self) -> broadcast::Receiver<JobStatus> {
        self.updates.subscribe()
    }

    /// Whether there is a job that has not ended.
    pub(crate) fn is_at_work(&self) -> bool {
        !held(&self.live).is_empty()
    }

    fn next(&self) -> Option<Arc<Live>> {
        let waiting = held(&self.waiting);
        let (mut waiting, _) = self
            .arrived
            .wait_timeout_while(waiting, std::time::Duration::from_millis(500), |waiting| {
                waiting.is_empty()
            })
            .unwrap_or_else(PoisonError::into_inner);
        waiting.pop_front()
    }

    /// Takes a job out of those that wait; answers whether it was one of them.
    fn withdraw(&self, id: i64) -> bool {
        let mut waiting = held(&self.waiting);
        let before = waiting.len();
        waiting.retain(|live| held(&live.status).id != id);
        waiting.len() < before
    }

    fn tell(&self, status: JobStatus) {
        // Nobody listening is no error.
        let _ = self.updates.send(status);
    }
}

impl Default for Queue {
    fn default() -> Self {
        Self::new()
    }
}

fn work(app: &Weak<App>) {
    // A job that is paused holds the threads that it is at work on. On threads of its own it holds up
    // neither another job nor a query.
    let threads = rayon::ThreadPoolBuilder::new()
        .num_threads(rayon::current_num_threads())
        .thread_name(|at| format!("work-{at}"))
        .build();
    let threads = threads.ok();
    while let Some(app) = app.upgrade() {
        let Some(live) = app.queue.next() else { continue };
        let carried_out = match &threads {
            Some(threads) => threads.install(|| carry_out(&app, &live)),
            None => carry_out(&app, &live),
        };
        if let Err(error) = carried_out {
            tracing::error!("a job's record could not be kept: {error}");
        }
    }
}

fn carry_out(app: &App, live: &Live) -> Result<()> {
    let (id, request) = {
        let mut status = held(&live.status);
        status.state = JobState::Running;
        status.started_at = Some(now());
        (status.id, status.request.clone())
    };
    // What cannot be kept has failed: it must not stay as if it were still to come.
    if let Err(error) = keep_beginning(app, id) {
        return end(app, live, Err(error));
    }
    app.queue.tell(live.status());
    let result = live.job.checkpoint().and_then(|()| {
        // A panic in one job must not take the others with it.
        catch_unwind(AssertUnwindSafe(|| ops::carry_out(app, &live.job, live.operation, request)))
            .unwrap_or_else(|panic| Err(Error::Internal { reason: panic_text(&*panic) }))
    });
    end(app, live, result)
}

fn keep_beginning(app: &App, id: i64) -> Result<()> {
    app.store()?.with(async |pool| {
        sqlx::query("update jobs set state = 'running', started_at = ? where id = ?")
            .bind(now())
            .bind(id)
            .execute(&pool)
            .await
    })?;
    Ok(())
}

/// Keeps how a job ended and tells of it.
fn end(app: &App, live: &Live, result: Result<Output>) -> Result<()> {
    let mut ended = live.status();
    ended.finished_at = Some(now());
    ended.seconds_left = None;
    match result {
        Ok(Output::Json(response)) => {
            ended.state = JobState::Done;
            ended.response = response;
        }
        Ok(Output::Bytes(_)) => ended.state = JobState::Done,
        Err(Error::Cancelled) => ended.state = JobState::Cancelled,
        Err(error) => {
            tracing::warn!("{} failed: {error}", live.operation.name());
            ended.state = JobState::Failed;
            ended.failure = Some(error.failure());
        }
    }
    *held(&live.status) = ended.clone();
    let kept = keep_end(app, &ended);
    held(&app.queue.live).remove(&ended.id);
    app.queue.tell(ended);
    kept
}

fn keep_end(app: &App, ended: &JobStatus) -> Result<()> {
    let failure = ended.failure.as_ref().map(serde_json::to_string).transpose()?;
    let response = serde_json::to_string(&ended.response)?;
    let log = serde_json::to_string(&ended.log)?;
    app.store()?.with(async |pool| {
        sqlx::query(
            "update jobs set state = ?, finished_at = ?, response = ?, failure = ?, step = ?, log = ? where id = ?",
        )
        .bind(state_name(ended.state))
        .bind(ended.finished_at)
        .bind(response)
        .bind(failure)
        .bind(&ended.step)
        .bind(log)
        .bind(ended.id)
        .execute(&pool)
        .await
    })?;
    Ok(())
}

/// What a panic said.
pub(crate) fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "panic".to_owned())
}

impl App {
    /// Puts a job into the queue.
    ///
    /// # Errors
    /// [`Error::BadRequest`] when the request is not of the operation's form.
    pub(crate) fn start(&self, operation: Operation, request: Value) -> Result<JobStatus> {
        ops::check_request(operation, &request)?;
        let created_at = now();
        let text = serde_json::to_string(&request)?;
        let id = self.store()?.with(async |pool| {
            sqlx::query("insert into jobs (operation, state, created_at, request) values (?, 'queued', ?, ?)")
                .bind(operation.name())
                .bind(created_at)
                .bind(text)
                .execute(&pool)
                .await
                .map(|done| done.last_insert_rowid())
        })?;
        let status = JobStatus {
            id,
            operation: operation.name().to_owned(),
            state: JobState::Queued,
            step: None,
            step_number: 0,
            done: 0,
            total: None,
            rate: None,
            seconds_left: None,
            created_at,
            started_at: None,
            finished_at: None,
            request,
            response: Value::Null,
            failure: None,
            text: None,
            log: Vec::new(),
        };
        let updates = self.queue.updates.clone();
        let live = Arc::new_cyclic(|live: &Weak<Live>| {
            let live = Weak::clone(live);
            Live {
                job: Job::watched(Box::new(move |_| {
                    if let Some(live) = live.upgrade() {
                        let _ = updates.send(live.status());
                    }
                })),
                operation,
                status: Mutex::new(status.clone()),
            }
        });
        held(&self.queue.live).insert(id, Arc::clone(&live));
        self.queue.tell(status.clone());
        held(&self.queue.waiting).push_back(live);
        self.queue.arrived.notify_one();
        Ok(status)
    }

    /// One job, at work or ended.
    ///
    /// # Errors
    /// [`Error::Unknown`].
    pub fn job(&self, id: i64) -> Result<JobStatus> {
        if let Some(live) = held(&self.queue.live).get(&id) {
            return Ok(live.status());
        }
        let row = self.store()?.with(async |pool| {
            sqlx::query("select * from jobs where id = ?").bind(id).fetch_optional(&pool).await
        })?;
        row.map(|row| from_row(&row)).ok_or(Error::Unknown { what: "job", id: id.to_string() })
    }

    /// The newest jobs first.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub(crate) fn jobs(&self, limit: u32) -> Result<Vec<JobStatus>> {
        let rows = self.store()?.with(async |pool| {
            sqlx::query("select * from jobs order by id desc limit ?")
                .bind(limit)
                .fetch_all(&pool)
                .await
        })?;
        let live = held(&self.queue.live);
        Ok(rows
            .iter()
            .map(from_row)
            .map(|kept| live.get(&kept.id).map_or(kept, |live| live.status()))
            .collect())
    }

    /// Asks a job to stop, to wait, or to go on.
    ///
    /// # Errors
    /// [`Error::Unknown`]. A job that has ended stays as it is.
    pub(crate) fn steer(&self, id: i64, how: Steer) -> Result<JobStatus> {
        let live = held(&self.queue.live).get(&id).cloned();
        let Some(live) = live else { return self.job(id) };
        match how {
            Steer::Cancel => {
                live.job.cancel();
                // One that waits for its turn need not wait for it only to stop.
                if self.queue.withdraw(id) {
                    end(self, &live, Err(Error::Cancelled))?;
                    return self.job(id);
                }
            }
            Steer::Pause => live.job.pause(),
            Steer::Resume => live.job.resume(),
        }
        let status = live.status();
        self.queue.tell(status.clone());
        Ok(status)
    }

    /// Marks what an earlier Mirante left unfinished. Called once, by the only one at work.
    pub(crate) fn mark_interrupted(&self) -> Result<()> {
        self.store()?.with(async |pool| {
            sqlx::query(
                "update jobs set state = 'interrupted', finished_at = ? where state in ('queued', 'running', 'paused')",
            )
            .bind(now())
            .execute(&pool)
            .await
        })?;
        Ok(())
    }
}

/// What is asked of a job at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Steer {
    /// Stop.
    Cancel,
    /// Wait.
    Pause,
    /// Go on.
    Resume,
}

const STATES: [(JobState, &str); 7] = [
    (JobState::Queued, "queued"),
    (JobState::Running, "running"),
    (JobState::Paused, "paused"),
    (JobState::Done, "done"),
    (JobState::Failed, "failed"),
    (JobState::Cancelled, "cancelled"),
    (JobState::Interrupted, "interrupted"),
];

fn state_name(state: JobState) -> &'static str {
    STATES.iter().find(|(known, _)| *known == state).map_or("interrupted", |(_, name)| name)
}

fn from_row(row: &sqlx::sqlite::SqliteRow) -> JobStatus {
    let text = |name: &str| row.get::<Option<String>, _>(name);
    let json = |name: &str| text(name).and_then(|text| serde_json::from_str(&text).ok());
    let state = text("state").unwrap_or_default();
    JobStatus {
        id: row.get("id"),
        operation: row.get("operation"),
        state: STATES
            .iter()
            .find(|(_, name)| *name == state)
            .map_or(JobState::Interrupted, |(state, _)| *state),
        step: text("step"),
        step_number: 0,
        done: 0,
        total: None,
        rate: None,
        seconds_left: None,
        created_at: row.get("created_at"),
        started_at: row.get("started_at"),
        finished_at: row.get("finished_at"),
        request: json("request").unwrap_or_default(),
        response: json("response").unwrap_or_default(),
        failure: text("failure").and_then(|text| serde_json::from_str::<Failure>(&text).ok()),
        text: None,
        log: text("log").and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default(),
    }
}
