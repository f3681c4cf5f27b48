//! `greenroom schema`, `greenroom themes`, `greenroom completions` and `greenroom man`

use std::process::ExitCode;

use clap::CommandFactory;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use crate::cli::{Cli, SchemaOf};
use greenroom_deck::{Role, Theme};
use greenroom_parse as parse;
use greenroom_system::say;
use greenroom_terminal::color_depth::{self, ColorDepth};

/// Prints the JSON Schema of what was asked for.
///
/// # Errors
/// When nothing can be printed.
pub fn schema(what: Option<SchemaOf>, scenario: bool, theme: bool) -> anyhow::Result<ExitCode> {
    let schema = match (what, scenario, theme) {
        (Some(SchemaOf::Scenario), ..) | (_, true, _) => parse::scenario_schema(),
        (Some(SchemaOf::Theme), ..) | (_, _, true) => parse::theme_schema(),
        (Some(SchemaOf::Config), ..) => crate::config::schema_text(),
        _ => parse::outline_schema(),
    };
    say::out().json(schema)?;
    Ok(ExitCode::SUCCESS)
}

/// Lists the built-in themes, or prints the one called `name` as it is written.
///
/// # Errors
/// When there is none of that name, or nothing can be printed.
pub fn themes(name: Option<&str>) -> anyhow::Result<ExitCode> {
    if let Some(name) = name {
        let yaml = parse::theme_yaml(name).ok_or_else(|| {
            let names = parse::theme_names().join(", ");
            anyhow::anyhow!("there is no theme \"{name}\"; the themes are {names}")
        })?;
        write!(say::out(), "{yaml}{SETTINGS}")?;
        return Ok(ExitCode::SUCCESS);
    }
    let depth = if say::out().is_terminal() { ColorDepth::of_environment() } else { ColorDepth::None };
    for name in parse::theme_names() {
        let mut line = vec![(String::new(), format!("{name:<12}"))];
        if let Some(theme) = parse::builtin_theme(name).filter(|_| depth != ColorDepth::None) {
            line.extend(swatch(&theme, depth));
            line.push((String::new(), "  ".to_owned()));
        }
        line.push((String::new(), about(name)));
        say::out().tinted(&line)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What a theme may say besides its colours, to be written without the `#`.
const SETTINGS: &str = "\
# margin: {columns: 8%, rows: 1}
# measure: 80
# title_size: 3
# title_align: center
# bullets: [\"•\", \"◦\", \"▪\"]
# footer: {left: \"{section}\", center: \"{event}\", right: \"{slide} / {slides}\", progress: true}
";

/// What the first comment of a built-in theme says of it.
fn about(name: &str) -> String {
    let yaml = parse::theme_yaml(name).unwrap_or_default();
    let lines: Vec<&str> = yaml.lines().map_while(|line| line.strip_prefix("# ")).collect();
    let about = lines.join(" ");
    about.split([',', '.']).next().unwrap_or_default().to_owned()
}

/// A few letters in the colours of `theme`, as many as the terminal has, with the parameters for each.
fn swatch(theme: &Theme, depth: ColorDepth) -> Vec<(String, String)> {
    let roles = [
        (" Aa", Role::Title),
        (" text", Role::Text),
        (" ●", Role::Accent),
        (" ●", Role::Heading),
        (" ✔", Role::Good),
        (" !", Role::Warn),
        (" ✘", Role::Bad),
        (" ▶", Role::Live),
        (" muted", Role::Muted),
        (" code ", Role::InlineCode),
    ];
    let mut cells = Buffer::empty(Rect::new(0, 0, 40, 1));
    cells.set_style(cells.area, Style::new().bg(theme.background.into()).fg(theme.text.into()));
    let mut x = 0;
    for (text, role) in roles {
        x = cells.set_stringn(x, 0, text, 40, theme.style(role)).0;
    }
    color_depth::reduce(&mut cells, depth);
    let piece = |cell: &Cell| {
        let bold = cell.modifier.contains(Modifier::BOLD).then(|| "1".to_owned());
        let colors = [parameters(cell.fg, 38), parameters(cell.bg, 48)];
        let all: Vec<String> = colors.into_iter().flatten().chain(bold).collect();
        (all.join(";"), cell.symbol().to_owned())
    };
    cells.content.iter().take(usize::from(x)).map(piece).collect()
}

/// `38;5;7`: a colour of letters (38) or behind them (48). None for the terminal's own.
fn parameters(color: Color, ground: u8) -> Option<String> {
    match color {
        Color::Rgb(r, g, b) => Some(format!("{ground};2;{r};{g};{b}")),
        other => greenroom_frame::color::index(other).map(|index| format!("{ground};5;{index}")),
    }
}

/// Prints completions for `shell`.
///
/// # Errors
/// When nothing can be printed.
pub fn completions(shell: clap_complete::Shell) -> anyhow::Result<ExitCode> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "greenroom", &mut text);
    write!(say::out(), "{}", String::from_utf8_lossy(&text))?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the manual page.
///
/// # Errors
/// When nothing can be printed.
pub fn man() -> anyhow::Result<ExitCode> {
    let mut text = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut text)?;
    write!(say::out(), "{}", String::from_utf8_lossy(&text))?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swatch_has_as_many_colours_as_the_terminal() {
        let dark = parse::builtin_theme("dark").unwrap();
        let first = |depth| swatch(&dark, depth).get(1).cloned().unwrap();
        assert_eq!(first(ColorDepth::True), ("38;2;255;255;255;48;2;20;23;29;1".to_owned(), "A".to_owned()));
        assert_eq!(first(ColorDepth::C256).0, "38;5;231;48;5;234;1");
        assert_eq!(first(ColorDepth::C16).0, "1");
        for name in parse::theme_names() {
            let theme = parse::builtin_theme(name).unwrap();
            let text: String = swatch(&theme, ColorDepth::True).into_iter().map(|(_, text)| text).collect();
            assert_eq!(text.trim(), "Aa text ● ● ✔ ! ✘ ▶ muted code");
        }
    }

    #[test]
    fn what_is_printed_below_a_theme_may_be_used() {
        use greenroom_base::files::MemoryFiles;
        let settings = SETTINGS.replace("# ", "");
        let files = MemoryFiles::new()
            .with("talk.yaml", "title: T\ntheme: x.yaml\nsections: [{title: A, file: a.md}]\n")
            .with("a.md", "x")
            .with("x.yaml", format!("{}{settings}", parse::theme_yaml("light").unwrap()));
        let deck = parse::deck(&files, "talk.yaml");
        assert_eq!(deck.problems, []);
        assert_eq!(deck.theme.measure, Some(80));
    }
}
