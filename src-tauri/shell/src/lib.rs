//! The window, and nothing else: it carries requests in and responses out.

mod commands;

use std::sync::Arc;

use mirante_app::{App, default_home};
use tauri::{Emitter, Manager};
use tokio::sync::broadcast::error::RecvError;

/// A file to open at the start, from the command line.
struct Startup {
    open: Option<String>,
}

/// Opens the window and stays until it is closed.
///
/// # Errors
/// When the home folder cannot be used or the system gives no window.
pub fn run() -> Result<(), Box<dyn std::error::Error>> {
    let app = App::new(default_home());
    app.begin()?;
    let _log = mirante_app::log::to_file(&app)?;
    let open = std::env::args().nth(1).filter(|path| !path.starts_with('-'));
    tauri::Builder::default()
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_notification::init())
        .manage(Arc::clone(&app))
        .manage(Startup { open })
        .invoke_handler(tauri::generate_handler![
            commands::call,
            commands::call_bytes,
            commands::choose_open,
            commands::choose_save,
            commands::startup,
            commands::notice,
        ])
        .setup(move |window| {
            forward_jobs(window.handle().clone(), &app);
            Ok(())
        })
        .run(tauri::generate_context!())?;
    Ok(())
}

/// What jobs do becomes an event of the page.
fn forward_jobs(window: tauri::AppHandle, app: &App) {
    let mut updates = app.watch_jobs();
    tauri::async_runtime::spawn(async move {
        loop {
            match updates.recv().await {
                Ok(status) => {
                    let _ = window.emit_to("main", "job", status);
                }
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    });
}

/// The application's state, as a command sees it.
fn app_of(handle: &tauri::AppHandle) -> Arc<App> {
    Arc::clone(&handle.state::<Arc<App>>())
}
