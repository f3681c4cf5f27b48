//! What this system keeps of Greenroom's promises.

use super::report::{CheckItem, Report};
use greenroom_system::os;

/// How guards find what programs leave behind here, and what else is to be known.
pub(crate) fn look(report: &mut Report) {
    const SYSTEM: &str = "System";
    report.add(SYSTEM, CheckItem::note("guard", os::guard_in_words().to_owned()));
    for (name, facts) in os::NOTES {
        report.add(SYSTEM, CheckItem::note(name, (*facts).to_owned()));
    }
}
