//! Before the first record: what will be compared.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::BenchLook;
use super::look::{bold, cut, mark, muted, put, put_center};
use greenroom_deck::{Role, RuntimeName, Scenario, Theme, Variant};

/// Draws the scenario, or that nothing is known of it.
pub(super) fn draw(cells: &mut Buffer, area: Rect, look: &BenchLook<'_>, theme: &Theme) {
    let Some(plan) = look.plan.filter(|plan| !plan.variants.is_empty()) else {
        let text =
            if look.idle { "this bench has no scenario that can be read" } else { "starting the bench" };
        put_center(cells, area, area.height / 2, text, muted(theme));
        return;
    };
    let count = u16::try_from(plan.variants.len()).unwrap_or(u16::MAX);
    // Two rows each where there is room, and an empty one between them.
    let rows = match area.height.saturating_sub(4) / count.max(1) {
        0 | 1 => 1,
        2 => 2,
        _ => 3,
    };
    let height = 3 + rows * count;
    let x = area.width.saturating_sub(width(plan).max(40)) / 2;
    let inner = Rect { x: area.x + x, width: area.width - x, ..area };
    let mut y = area.height.saturating_sub(height) / 2;
    put(cells, inner, 0, y, &cut(&plan.title, inner.width), theme.style(Role::Heading));
    let asked = format!(
        "GET {} · {} connections each · {}",
        plan.path,
        plan.load.connections,
        if look.idle { "they take turns, so that none has a better moment" } else { "starting" }
    );
    put(cells, inner, 0, y + 1, &cut(&asked, inner.width), muted(theme));
    y += 3;
    for (n, variant) in plan.variants.iter().enumerate() {
        let end = put(cells, inner, 0, y, &format!("{} {}", mark(n), variant.name), bold(theme, n));
        let runtime = variant.runtime.map_or("", runtime);
        let end = put(cells, inner, end + 2, y, runtime, theme.style(Role::Text));
        let command = cut(&format!("$ {}", variant.command.join(" ")), inner.width.saturating_sub(2));
        if rows > 1 {
            put(cells, inner, 2, y + 1, &command, muted(theme));
        } else {
            let room = inner.width.saturating_sub(end + 2);
            put(cells, inner, end + 2, y, &cut(&command, room), muted(theme));
        }
        y += rows;
    }
}

/// Columns of the widest line.
fn width(plan: &Scenario) -> u16 {
    let long = |variant: &Variant| variant.command.iter().map(|part| part.len() + 1).sum::<usize>() + 4;
    u16::try_from(plan.variants.iter().map(long).max().unwrap_or_default().min(100)).unwrap_or(100)
}

const fn runtime(kind: RuntimeName) -> &'static str {
    match kind {
        RuntimeName::Gil => "the default build",
        RuntimeName::FreeThreaded => "the free-threaded build",
    }
}
