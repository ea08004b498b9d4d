//! Models in memory: read once, used by whoever asks, let go when room is short or nobody asks any more.

use std::any::{Any, TypeId};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use mirante_neural::answer::Reader;
use mirante_neural::classify::Classifier;
use mirante_neural::embed::Embedder;
use mirante_neural::generate::Generator;
use mirante_neural::seq2seq::Rewriter;
use mirante_neural::tag::Tagger;
use mirante_neural::{Adapter, RunsOn, Target};

use super::Located;
use crate::app::App;
use crate::error::{Error, Result};
use crate::lock::held;
use crate::memory;

/// After so long without use a model is let go.
const IDLE: Duration = Duration::from_secs(10 * 60);
/// Between two looks at who is idle.
const LOOK: Duration = Duration::from_secs(30);

/// A kind of model: how its folder is read.
pub(crate) trait Engine: Any + Send + Sync + Sized {
    fn open(
        folder: &Path,
        target: Target,
        adapter: Option<&Adapter>,
    ) -> mirante_neural::Result<Self>;

    /// Where it works.
    fn runs_on(&self) -> RunsOn;
}

macro_rules! engines {
    ($($kind:ty),*) => {
        $(impl Engine for $kind {
            fn open(
                folder: &Path,
                target: Target,
                adapter: Option<&Adapter>,
            ) -> mirante_neural::Result<Self> {
                Self::open_with(folder, target, adapter)
            }

            fn runs_on(&self) -> RunsOn {
                self.runs_on()
            }
        })*
    };
}

engines!(Embedder, Classifier, Tagger, Reader, Generator);

impl Engine for Rewriter {
    fn open(
        folder: &Path,
        target: Target,
        adapter: Option<&Adapter>,
    ) -> mirante_neural::Result<Self> {
        match adapter {
            None => Self::open_on(folder, target),
            Some(_) => Err(mirante_neural::Error::BadField {
                file: "config.json",
                field: "model_type".to_owned(),
                value: "t5, which takes no adapter here".to_owned(),
            }),
        }
    }

    fn runs_on(&self) -> RunsOn {
        self.runs_on()
    }
}

/// The models in memory.
#[derive(Default)]
pub(crate) struct Loaded(Mutex<Vec<One>>);

struct One {
    folder: PathBuf,
    adapter: Option<PathBuf>,
    target: Target,
    kind: TypeId,
    model: Arc<dyn Any + Send + Sync>,
    bytes: u64,
    used: Instant,
}

impl Loaded {
    /// Lets go of all but those that are at work.
    pub(crate) fn clear(&self) {
        held(&self.0).clear();
    }

    fn drop_idle(&self, idle: Duration) {
        held(&self.0).retain(|one| Arc::strong_count(&one.model) > 1 || one.used.elapsed() < idle);
    }
}

impl App {
    /// A model of the kind that is asked for, read unless it is in memory.
    ///
    /// # Errors
    /// [`Error::ModelTooLarge`], and what is missing or not known in the model, by name.
    pub(crate) fn engine<E: Engine>(&self, located: &Located, target: Target) -> Result<Arc<E>> {
        let mut loaded = held(&self.loaded.0);
        let known = |one: &&mut One| {
            one.kind == TypeId::of::<E>()
                && one.folder == located.folder
                && one.adapter == located.adapter
                && one.target == target
        };
        if let Some(one) = loaded.iter_mut().find(known) {
            one.used = Instant::now();
            if let Ok(model) = Arc::clone(&one.model).downcast::<E>() {
                return Ok(model);
            }
        }
        let bytes = located.memory(target);
        let limit = memory::limit(self)?.unwrap_or(u64::MAX);
        if bytes > limit {
            return Err(Error::ModelTooLarge { id: located.name.clone(), needs: bytes, limit });
        }
        // Before the next is read, so that there is room for it: those first that were used longest ago.
        loaded.sort_by_key(|one| one.used);
        while loaded.iter().map(|one| one.bytes).sum::<u64>() + bytes > limit {
            loaded.remove(0);
        }
        let adapter = located.adapter.as_ref().map(Adapter::open).transpose()?;
        let model = Arc::new(E::open(&located.folder, target, adapter.as_ref())?);
        loaded.push(One {
            folder: located.folder.clone(),
            adapter: located.adapter.clone(),
            target,
            kind: TypeId::of::<E>(),
            model: model.clone(),
            bytes,
            used: Instant::now(),
        });
        Ok(model)
    }

    /// Looks for models that nobody uses any more, for as long as there is a Mirante.
    pub(crate) fn watch_idle_models(self: &Arc<Self>) {
        let app: Weak<Self> = Arc::downgrade(self);
        let watch = move || {
            while let Some(app) = app.upgrade() {
                app.loaded.drop_idle(IDLE);
                drop(app);
                std::thread::sleep(LOOK);
            }
        };
        let _ = std::thread::Builder::new().name("idle models".to_owned()).spawn(watch);
    }
}

#[cfg(test)]
mod tests {
    use mirante_neural::{Device, Precision};

    use super::*;

    const CPU: Target = Target { device: Device::Cpu, precision: None };

    struct Stub(u8);

    impl Engine for Stub {
        fn open(folder: &Path, _: Target, _: Option<&Adapter>) -> mirante_neural::Result<Self> {
            Ok(Self(folder.as_os_str().len() as u8))
        }

        fn runs_on(&self) -> RunsOn {
            RunsOn::cpu(Precision::F32)
        }
    }

    fn located(folder: &Path, bytes: usize) -> Located {
        std::fs::create_dir_all(folder).expect("a folder");
        std::fs::write(folder.join("model.safetensors"), vec![0; bytes]).expect("weights");
        Located { name: "m".to_owned(), revision: None, folder: folder.to_owned(), adapter: None }
    }

    #[test]
    fn a_model_is_read_once_and_let_go_when_idle() {
        let home = tempfile::tempdir().unwrap();
        let app = App::new(home.path().join("home"));
        let one = located(&home.path().join("one"), 10);
        let first: Arc<Stub> = app.engine(&one, CPU).unwrap();
        let again: Arc<Stub> = app.engine(&one, CPU).unwrap();
        assert!(Arc::ptr_eq(&first, &again));
        drop(again);
        app.loaded.drop_idle(Duration::ZERO);
        assert!(Arc::ptr_eq(&first, &app.engine(&one, CPU).unwrap()), "it is at work");
        let before = Arc::downgrade(&first);
        drop(first);
        app.loaded.drop_idle(Duration::ZERO);
        assert!(before.upgrade().is_none());
        assert_eq!(app.engine::<Stub>(&one, CPU).unwrap().0, one.folder.as_os_str().len() as u8);
    }

    #[test]
    fn models_make_room_for_each_other_and_too_large_ones_are_refused() {
        let home = tempfile::tempdir().unwrap();
        let app = App::new(home.path().join("home"));
        let limit = |bytes: u64| {
            let mut settings = crate::ops::settings::settings(
                &app,
                &crate::Job::quiet(),
                crate::ops::settings::SettingsRequest {},
            )
            .expect("settings");
            settings.memory_limit = bytes;
            crate::ops::settings::save_settings(&app, &crate::Job::quiet(), settings)
                .expect("settings");
        };
        let (one, two) =
            (located(&home.path().join("1"), 600), located(&home.path().join("2"), 700));
        let need = one.memory(CPU) + two.memory(CPU);
        limit(need);
        let first = Arc::downgrade(&app.engine::<Stub>(&one, CPU).unwrap());
        app.engine::<Stub>(&two, CPU).unwrap();
        assert!(first.upgrade().is_some());
        app.loaded.clear();
        limit(need - 1);
        let first = Arc::downgrade(&app.engine::<Stub>(&one, CPU).unwrap());
        app.engine::<Stub>(&two, CPU).unwrap();
        assert!(first.upgrade().is_none(), "it made room");
        limit(1);
        let Err(refused) = app.engine::<Stub>(&one, CPU) else { panic!("read all the same") };
        assert_eq!(refused.code(), "model_too_large");
    }
}
