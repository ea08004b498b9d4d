//! The committed TypeScript types are the ones the operations give.

use std::path::Path;

/// With `MIRANTE_UPDATE=1` (`make types`) the file is written instead of compared.
#[test]
fn generated_types_are_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/gen/operations.ts");
    let generated = mirante_app::typescript::module();
    if std::env::var_os("MIRANTE_UPDATE").is_some() {
        std::fs::write(&path, &generated).expect("the generated types can be written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == generated, "ui/src/gen/operations.ts is stale: run `make types`");
}
