use super::*;

fn text(source: &str) -> String {
    line(source).unwrap().unwrap()
}

#[test]
fn formulas_have_a_line_of_text() {
    assert_eq!(text("E = mc^2"), "E = mc²");
    assert_eq!(text(r"\alpha + \beta \le \gamma"), "α + β ≤ γ");
    assert_eq!(text(r"\sum_{i=1}^{n} x_i"), "∑ᵢ₌₁ⁿ xᵢ");
    assert_eq!(text(r"\frac{a+b}{2}"), "(a + b)/2");
    assert_eq!(text(r"\sqrt{x^2+y^2}"), "√(x² + y²)");
    assert_eq!(text(r"-x"), "−x");
    assert_eq!(text(r"f: \mathbb{R} \to \mathbb{R}"), "f : ℝ → ℝ");
    assert_eq!(text(r"e^{-\lambda t}"), "e^(−λt)");
    assert_eq!(text(r"\hat{x} \not= 0"), "x\u{302} ≠ 0");
    assert_eq!(text(r"O(n \log n)"), "O(n log n)");
    assert_eq!(text(r"P(A \mid B)"), "P(A | B)");
    assert_eq!(line(r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}").unwrap(), None);
    let with_grids = |source: &str| super::text(source).unwrap();
    assert_eq!(with_grids(r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}"), "(a b; c d)");
    assert_eq!(with_grids(r"a &= b \\ &= c"), "a = b\n= c");
    assert_eq!(
        with_grids(r"f(x) = \begin{cases} 1 & x > 0 \\ 0 & \text{else} \end{cases}"),
        "f(x) = { 1 x > 0; 0 else"
    );
}

#[test]
fn formulas_are_drawn_as_outlines() {
    for source in [
        r"\frac{-b \pm \sqrt{b^2-4ac}}{2a}",
        r"\int_0^\infty e^{-x^2}\,dx = \frac{\sqrt\pi}{2}",
        r"\begin{cases} 1 & x > 0 \\ 0 & \text{else} \end{cases}",
        r"a &= b \\ &= c",
        r"a \\ b",
        r"\underbrace{x+y}_{n} \vec{v} \overline{AB}",
        r"\text{Привет} \neq \sqrt[3]{x}",
    ] {
        let svg = svg(source, Rgb(1, 2, 3)).unwrap();
        assert!(svg.contains("fill=\"#010203\"") && svg.contains('M'), "{source}: {svg}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{source}");
    }
}

#[test]
fn a_formula_that_is_none_says_why_and_where() {
    let fault = |source: &str| line(source).unwrap_err();
    let unknown = fault(r"a + b + c + d + e + \unknown x");
    assert!(
        unknown.message.contains("unknown command") && unknown.message.contains("\\unknown"),
        "{unknown:?}"
    );
    assert!(unknown.at >= 15, "{unknown:?}");
    assert!(fault(r"\frac{a}").message.contains("expected"));
    assert!(fault("").message.contains("empty"));
    assert!(fault(&"{".repeat(5000)).message.contains("nested"));
    for deep in
        [r"\sqrt".repeat(5000), r"\sqrt{".repeat(3000), r"\left(".repeat(2000), r"\sqrt^\frac ".repeat(1000)]
    {
        assert!(
            fault(&deep).message.contains("nested") || fault(&deep).message.contains("longer"),
            "{deep:.20}"
        );
    }
    for nested in
        [r"\sqrt".repeat(60), r"{".repeat(60), r"\left(".repeat(60), r"\frac{".repeat(59), "x^".repeat(3000)]
    {
        assert!(!fault(&nested).message.is_empty(), "{nested:.20}");
    }
    assert!(fault(&"x".repeat(50_000)).message.contains("longer"));
    assert!(!fault(r"\def\a{\a\a} \a").message.is_empty());
}
