//! A bench or a probe that has nothing to show: why, as far as that is known.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::bench::look::{muted, put, wrap};
use greenroom_deck::{Role, Theme};

/// Draws why a run of records shows nothing: what is `wrong` with it, each text in its role, and, when it is over, the
/// last `messages` of its process. `what` is what people call it.
pub(crate) fn draw(
    cells: &mut Buffer,
    area: Rect,
    what: &str,
    wrong: &[(String, Role)],
    messages: Option<&[&str]>,
    theme: &Theme,
) {
    let style = |role| match role {
        Role::Bad => theme.style(role).add_modifier(Modifier::BOLD),
        _ => theme.style(role),
    };
    let width = area.width.saturating_sub(4);
    let mut lines: Vec<(String, Style)> = Vec::new();
    let mut say = |text: &str, style: Style| {
        lines.extend(wrap(text, width).into_iter().map(|line| (line, style)));
    };
    for (text, role) in wrong {
        say(text, style(*role));
    }
    if let Some(messages) = messages {
        say(&format!("The {what} ended before it had anything to show."), style(Role::Bad));
        say(if messages.is_empty() { "It printed nothing." } else { "It printed:" }, muted(theme));
        for line in messages {
            say(line, theme.style(Role::Text));
        }
    } else {
        say("waiting for the first records", muted(theme));
    }
    // The end of what was printed says most.
    let skipped = lines.len().saturating_sub(usize::from(area.height));
    let top = area.height.saturating_sub(u16::try_from(lines.len()).unwrap_or(u16::MAX)) / 2;
    for ((line, style), y) in lines.into_iter().skip(skipped).zip(top..area.height) {
        put(cells, area, 2, y, &line, style);
    }
}
