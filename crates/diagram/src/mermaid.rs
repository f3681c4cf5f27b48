//! Mermaid's notation, and DOT's by way of it, drawn in the colours of a theme.

use std::borrow::Cow;

use mermaid_svg::{ParseError, RenderError, Theme};

use crate::palette::hex;
use crate::{DrawError, Palette};

/// Draws a diagram of any kind that Mermaid has.
pub(crate) fn svg(source: &str, palette: &Palette) -> Result<String, DrawError> {
    mermaid_svg::render_with(source, &theme(palette)).map_err(|error| match error {
        RenderError::Parse(ParseError::Syntax { message, line, .. }) => DrawError::new(message, line),
        RenderError::Parse(ParseError::UnknownDiagramType(name)) => {
            let name = name.split_whitespace().next().unwrap_or_default().to_owned();
            DrawError::new(format!("\"{name}\" is no kind of Mermaid diagram that is known here"), 1)
        }
        RenderError::Parse(ParseError::Empty) => DrawError::new("the diagram is empty".to_owned(), 1),
        other => DrawError::new(other.to_string(), 1),
    })
}

fn theme(palette: &Palette) -> Theme {
    let color = |color| Cow::Owned(hex(color));
    let mixed = |amount: f32| Cow::Owned(hex(palette.border.mix(palette.background, amount)));
    let (text, border, surface) = (palette.text, palette.border, palette.surface);
    // Words stand on the fills of series: none so strong that they cannot be read.
    let soft = |index: usize| {
        let of = palette.series.get(index % palette.series.len()).copied().unwrap_or(border);
        of.mix(palette.background, if index < palette.series.len() { 0.45 } else { 0.65 })
    };
    let fills: Vec<Cow<'static, str>> = (0..12).map(|index| color(soft(index))).collect();
    let strong: Vec<Cow<'static, str>> = palette.series.iter().map(|series| color(*series)).collect();
    Theme {
        fg: color(text),
        fg_muted: color(palette.muted),
        bg: color(palette.background),
        actor_fill: color(surface),
        actor_stroke: color(border),
        lifeline: mixed(0.4),
        arrow_stroke: color(text),
        note_fill: color(surface),
        note_stroke: mixed(0.2),
        activation_fill: color(surface),
        activation_stroke: color(border),
        frame_label_fill: color(surface),
        flow_node_fill: color(surface),
        flow_node_stroke: color(border),
        flow_edge_stroke: color(text),
        flow_label_bg: color(palette.background),
        flow_cluster_fill: color(surface.mix(palette.background, 0.6)),
        flow_cluster_stroke: mixed(0.4),
        cscale_palette: Cow::Owned(fills.clone()),
        pie_palette: Cow::Owned(fills),
        git_palette: Cow::Owned(strong.clone()),
        xychart_palette: Cow::Owned(strong),
        pie_stroke: Some(color(palette.background)),
        quadrant_default_fills: [0, 1, 2, 3].map(|index| color(soft(index).mix(palette.background, 0.6))),
        font_family: Cow::Borrowed("DejaVu Sans"),
        font_size: 16.0,
        responsive: false,
        ..Theme::default_theme()
    }
}
