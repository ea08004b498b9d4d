//! The window, and nothing else: it carries requests in and responses out, and keeps the program alive
//! while work goes on without it.

mod away;
mod commands;

#[cfg(target_os = "linux")]
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use mirante_app::{App, default_home};
use tauri::plugin::TauriPlugin;
use tauri::{AppHandle, Emitter, Manager, RunEvent, WindowEvent, Wry};
use tokio::sync::broadcast::error::RecvError;

use crate::away::Away;

/// A file that is to be opened, from the command line of this program or of a second one: the page takes it
/// when it is ready.
struct Startup {
    open: Mutex<Option<String>>,
}

/// Opens the window and stays until it is closed and nothing runs. A Mirante that is open already with
/// the same home folder comes to the front in its place. Answers the exit code.
///
/// # Errors
/// When the home folder cannot be used or the system gives no window.
pub fn run() -> Result<i32, Box<dyn std::error::Error>> {
    let app = App::new(default_home());
    let open = std::env::args().nth(1).filter(|path| !path.starts_with('-'));
    let builder = tauri::Builder::default();
    // First of all plugins: what follows is not for a second program.
    let builder = match only_one(app.home()) {
        Some(plugin) => builder.plugin(plugin),
        None => builder,
    };
    let program = builder
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_notification::init())
        .manage(Arc::clone(&app))
        .manage(Startup { open: Mutex::new(open) })
        .manage(Away::default())
        .on_menu_event(|handle, event| away::pressed(handle, &event))
        .invoke_handler(tauri::generate_handler![
            commands::call,
            commands::call_bytes,
            commands::choose_open,
            commands::choose_folder,
            commands::choose_save,
            commands::startup,
            commands::notice,
            commands::away_words,
            commands::quit,
        ])
        .build(tauri::generate_context!())?;
    // A second program has handed over to the first by now.
    app.begin()?;
    let _log = mirante_app::log::to_file(&app)?;
    forward_jobs(program.handle().clone(), Arc::clone(&app));
    Ok(program.run_return(move |handle, event| match event {
        RunEvent::WindowEvent { event: WindowEvent::CloseRequested { api, .. }, .. }
            if handle.state::<Away>().leave(handle, &app) =>
        {
            api.prevent_close();
        }
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => handle.state::<Away>().come_back(handle),
        _ => {}
    }))
}

/// Hands over to the Mirante of this home folder that runs already: its window comes to the front, and
/// the file that this one was to open is opened there. None where programs of several homes could not be
/// told apart.
fn only_one(home: &Path) -> Option<TauriPlugin<Wry>> {
    let one = tauri_plugin_single_instance::Builder::new();
    #[cfg(target_os = "linux")]
    let one = {
        // A folder that is there has one name.
        let _ = std::fs::create_dir_all(home);
        let home = home.canonicalize().or_else(|_| std::path::absolute(home));
        let mut name = DefaultHasher::new();
        home.ok().hash(&mut name);
        one.dbus_id(format!("br.mirante.desktop.h{:x}", name.finish()))
    };
    #[cfg(not(target_os = "linux"))]
    if home != mirante_app::usual_home() {
        return None;
    }
    let one = one.callback(|handle, words, folder| {
        let path = words.into_iter().nth(1).filter(|path| !path.starts_with('-'));
        let path = path.map(|path| Path::new(&folder).join(path).to_string_lossy().into_owned());
        if path.is_some() {
            let startup = handle.state::<Startup>();
            *startup.open.lock().unwrap_or_else(PoisonError::into_inner) = path;
        }
        let shown = handle.clone();
        let _ = handle.run_on_main_thread(move || {
            shown.state::<Away>().come_back(&shown);
            // A page that is not ready yet asks by itself.
            let _ = shown.emit_to("main", "open", ());
        });
    });
    Some(one.build())
}

/// What jobs do becomes an event of the page; the last one to end ends a program whose window is closed.
fn forward_jobs(handle: AppHandle, app: Arc<App>) {
    let mut updates = app.watch_jobs();
    tauri::async_runtime::spawn(async move {
        loop {
            match updates.recv().await {
                Ok(status) => {
                    let _ = handle.emit_to("main", "job", status);
                }
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
            let (handle, app) = (handle.clone(), Arc::clone(&app));
            tauri::async_runtime::spawn(async move {
                handle.state::<Away>().end_when_idle(&handle, &app).await;
            });
        }
    });
}

/// The application's state, as a command sees it.
fn app_of(handle: &AppHandle) -> Arc<App> {
    Arc::clone(&handle.state::<Arc<App>>())
}
