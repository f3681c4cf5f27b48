//! The sheet that a diagram is drawn on.

/// The smallest sheet, in pixels: a diagram of three boxes fills a slide no more than one of ten does.
const LEAST: (f32, f32) = (640.0, 240.0);

/// `svg` in the middle of a sheet; as it is, where it is as large as that or does not say its size.
pub(crate) fn framed(svg: String) -> String {
    let Some((width, height)) = size(&svg) else { return svg };
    let sheet = (width.max(LEAST.0), height.max(LEAST.1));
    if sheet == (width, height) {
        return svg;
    }
    let (x, y) = ((sheet.0 - width) / 2.0, (sheet.1 - height) / 2.0);
    let Some(inner) = svg.trim_start().strip_prefix("<svg") else { return svg };
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0}\" height=\"{1:.0}\" viewBox=\"0 0 {0:.1} {1:.1}\">\
         <svg x=\"{x:.1}\" y=\"{y:.1}\"{inner}</svg>",
        sheet.0, sheet.1
    )
}

/// Pixels across and down, as its first tag says them.
fn size(svg: &str) -> Option<(f32, f32)> {
    let tag = svg.trim_start().get(..svg.trim_start().find('>')?)?;
    let attribute = |name: &str| {
        let rest = tag.get(tag.find(&format!(" {name}=\""))? + name.len() + 3..)?;
        rest.get(..rest.find('"')?)
    };
    let side = |name: &str| attribute(name)?.trim_end_matches("px").parse::<f32>().ok();
    let sides = side("width").zip(side("height")).or_else(|| {
        let mut view = attribute("viewBox")?.split_whitespace().skip(2).map(|side| side.parse::<f32>().ok());
        Some((view.next()??, view.next()??))
    });
    sides.filter(|(width, height)| *width >= 1.0 && *height >= 1.0 && width.is_finite() && height.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_diagram_stands_in_the_middle_of_a_sheet() {
        let framed = framed("<svg xmlns=\"x\" width=\"100\" height=\"40\"><g/></svg>".to_owned());
        assert!(
            framed.contains("viewBox=\"0 0 640.0 240.0\"") && framed.contains("<svg x=\"270.0\" y=\"100.0\""),
            "{framed}"
        );
        let large = "<svg width=\"700\" height=\"300\"/>".to_owned();
        assert_eq!(super::framed(large.clone()), large);
        assert_eq!(super::framed("<svg/>".to_owned()), "<svg/>");
    }
}
