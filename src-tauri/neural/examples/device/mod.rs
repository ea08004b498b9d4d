//! Where an example works.

use mirante_neural::Target;

/// What is said as `device=NAME`; the processor where nothing is.
pub(crate) fn target(said: &[String]) -> Result<Target, String> {
    let Some(name) = said.iter().find_map(|one| one.strip_prefix("device=")) else {
        return Ok(Target::default());
    };
    let device = name.parse().map_err(|()| format!("{name} is no device"))?;
    Ok(Target { device, precision: None })
}
