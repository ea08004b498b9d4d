//! Gives the window its capabilities and its icon.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Named outright: by default they are looked for beside the root manifest, where there are none.
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("src-tauri/shell/capabilities/**/*");
    tauri_build::try_build(attributes)?;
    Ok(())
}
