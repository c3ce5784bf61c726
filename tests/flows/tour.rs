//! The README's tour, run as a newcomer would paste it.

use std::time::Duration;
use tokio::process::Command;

#[tokio::test]
async fn the_tour_of_the_readme_works_when_pasted() {
    let script = local::tour::script(tests::base_url());
    assert!(script.lines().count() > 10, "the README has no tour");
    // As an interactive shell would: one line after the other, whatever the one before answered; here a failure ends it.
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let run = Command::new("bash")
        .args(["-eu", "-o", "pipefail", "-c", &script])
        .current_dir(root)
        .output();
    let run = tokio::time::timeout(Duration::from_secs(240), run)
        .await
        .expect("the tour ends")
        .unwrap();
    let (said, complained) = (
        String::from_utf8_lossy(&run.stdout),
        String::from_utf8_lossy(&run.stderr),
    );
    assert!(run.status.success(), "{said}\n{complained}");
    assert!(!said.contains("urn:millwright:problem"), "{said}");
    for expected in ["\"count\":16", "\"succeeded\"", "\"variable\":\"5001\"", "\"mean\":"] {
        assert!(said.contains(expected), "no {expected} in the tour's output:\n{said}");
    }
}
