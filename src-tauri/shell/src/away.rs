//! Mirante with its window closed: while a job runs it goes on, with an icon in the system's tray; when
//! the last one has ended, so does the program.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use mirante_app::App;
use serde::Deserialize;
use tauri::menu::{Menu, MenuEvent, MenuItem, PredefinedMenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager};
use tauri_plugin_notification::NotificationExt;

/// Names the icon.
const ICON: &str = "mirante";
/// From the end of the last job to the end of the program: time for its notice, and for a job that
/// another one leads to.
const GRACE: Duration = Duration::from_secs(3);

/// What is said while the window is closed, in the person's language: the page knows the words, and gives
/// them again when the language or the work changes.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Words {
    /// Shows the window.
    open: String,
    /// Ends the program and what runs.
    quit: String,
    /// What runs and how far it is.
    work: String,
    /// Title of the notice when the window closes and the work goes on.
    stays: String,
    /// Its text.
    stays_how: String,
}

/// Whether the window is closed, and the icon that stands for it then.
#[derive(Default)]
pub(crate) struct Away {
    is_away: AtomicBool,
    words: Mutex<Words>,
    shown: Mutex<Option<Shown>>,
}

/// The icon in the tray.
struct Shown {
    icon: TrayIcon,
    work: MenuItem<tauri::Wry>,
    open: MenuItem<tauri::Wry>,
    quit: MenuItem<tauri::Wry>,
}

impl Away {
    /// Closes the window and lets the work go on; false where there is none, and the program may end.
    pub(crate) fn leave(&self, handle: &AppHandle, app: &App) -> bool {
        // Before it is asked what runs: who ends last then sees that nobody is there.
        self.is_away.store(true, Ordering::SeqCst);
        let window = handle.get_webview_window("main").filter(|_| app.is_at_work());
        if window.is_none_or(|window| window.hide().is_err()) {
            self.is_away.store(false, Ordering::SeqCst);
            return false;
        }
        let words = self.words();
        match show(handle, &words) {
            Ok(shown) => *held(&self.shown) = shown,
            // Opening Mirante again shows the window, with or without an icon.
            Err(error) => tracing::warn!("no icon in the tray: {error}"),
        }
        let notice = handle.notification().builder().title(words.stays).body(words.stays_how);
        let _ = notice.show();
        true
    }

    /// Shows the window again, in front.
    pub(crate) fn come_back(&self, handle: &AppHandle) {
        self.is_away.store(false, Ordering::SeqCst);
        *held(&self.shown) = None;
        drop(handle.remove_tray_by_id(ICON));
        if let Some(window) = handle.get_webview_window("main") {
            let _ = window.show();
            let _ = window.unminimize();
            let _ = window.set_focus();
        }
    }

    /// Takes the words for what is said from now on.
    pub(crate) fn say(&self, words: Words) {
        if let Some(shown) = &*held(&self.shown) {
            let _ = shown.work.set_text(&words.work);
            let _ = shown.open.set_text(&words.open);
            let _ = shown.quit.set_text(&words.quit);
            let _ = shown.icon.set_tooltip(Some(&words.work));
        }
        *held(&self.words) = words;
    }

    /// Ends the program if its window is closed and nothing runs, now and a little later.
    pub(crate) async fn end_when_idle(&self, handle: &AppHandle, app: &App) {
        let is_idle = || self.is_away.load(Ordering::SeqCst) && !app.is_at_work();
        if is_idle() {
            tokio::time::sleep(GRACE).await;
            if is_idle() {
                handle.exit(0);
            }
        }
    }

    fn words(&self) -> Words {
        held(&self.words).clone()
    }
}

/// What a line of the icon's menu does.
pub(crate) fn pressed(handle: &AppHandle, event: &MenuEvent) {
    match event.id().as_ref() {
        "open" => handle.state::<Away>().come_back(handle),
        "quit" => handle.exit(0),
        _ => {}
    }
}

/// Puts the icon into the tray; none where the system has no library for it.
fn show(handle: &AppHandle, words: &Words) -> tauri::Result<Option<Shown>> {
    if !tray_can_be() {
        return Ok(None);
    }
    let work = MenuItem::with_id(handle, "work", &words.work, false, None::<&str>)?;
    let open = MenuItem::with_id(handle, "open", &words.open, true, None::<&str>)?;
    let quit = MenuItem::with_id(handle, "quit", &words.quit, true, None::<&str>)?;
    let line = PredefinedMenuItem::separator(handle)?;
    let menu = Menu::with_items(handle, &[&work, &line, &open, &quit])?;
    let mut tray = TrayIconBuilder::with_id(ICON)
        .menu(&menu)
        .tooltip(&words.work)
        // The button that opens a menu elsewhere opens the window; the other one the menu.
        .show_menu_on_left_click(false)
        .on_tray_icon_event(|tray, event| {
            let click = (MouseButton::Left, MouseButtonState::Up);
            if let TrayIconEvent::Click { button, button_state, .. } = event
                && (button, button_state) == click
            {
                let handle = tray.app_handle();
                handle.state::<Away>().come_back(handle);
            }
        });
    if let Some(picture) = handle.default_window_icon() {
        tray = tray.icon(picture.clone());
    }
    Ok(Some(Shown { icon: tray.build(handle)?, work, open, quit }))
}

/// Whether this system can show an icon in a tray. On Linux a library is loaded for it that need not be
/// there, and what loads it ends the program where it is not.
#[cfg(target_os = "linux")]
fn tray_can_be() -> bool {
    ["libayatana-appindicator3.so.1", "libappindicator3.so.1"].iter().any(|name| {
        // SAFETY: these libraries do nothing as they are loaded that needs something of us; the one that
        // is there is loaded again for the icon, and is never unloaded in between.
        let library = unsafe { libloading::Library::new(*name) };
        library.map(std::mem::forget).is_ok()
    })
}

#[cfg(not(target_os = "linux"))]
fn tray_can_be() -> bool {
    true
}

fn held<T>(lock: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
