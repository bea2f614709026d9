//! Indicators that have values and no scores: what they say counts for nobody, and must not be passed over in silence.

use super::Outcome;

/// An indicator with values that have no finite score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unscored {
    /// The indicator's code.
    pub code: String,
    /// The times at which it has none; empty where there are no times or where it is so at all of them.
    pub times: Vec<String>,
    /// Whether that is because it has the same value for all units; otherwise because its reference or target is the
    /// least of its values.
    pub constant: bool,
}

impl Outcome {
    /// The indicators that have values without a score, in the order of the index.
    #[must_use]
    pub fn unscored(&self) -> Vec<Unscored> {
        let one = |&column: &usize| {
            let (values, scores) = (self.treated.column(column), self.normalised.column(column));
            let lost: Vec<usize> =
                (0..values.len()).filter(|&row| !values[row].is_nan() && !scores[row].is_finite()).collect();
            let time = |row: usize| self.units[row].time.as_deref();
            let mut times: Vec<&str> = lost.iter().filter_map(|&row| time(row)).collect();
            times.sort_unstable();
            times.dedup();
            let constant = lost.iter().all(|&row| {
                let beside = lost.iter().filter(|&&other| time(other) == time(row));
                beside.into_iter().all(|&other| values[other] == values[row])
            });
            let everywhere = (0..values.len()).all(|row| !scores[row].is_finite());
            Unscored {
                code: self.normalised.codes()[column].clone(),
                times: if everywhere { Vec::new() } else { times.into_iter().map(str::to_owned).collect() },
                constant,
            }
        };
        self.undefined.iter().map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::IndexMethod;

    const METHOD: &str = "name = \"of two\"\ndata = { unit = \"uCode\", time = \"Time\" }\n\
        normalise = { method = \"minmax\", lower = 0, upper = 100 }\naggregate = { method = \"arithmetic\" }\n\
        group = [{ code = \"Index\", weight = 1 }]\n\
        indicator = [{ code = \"x1\", parent = \"Index\" }, { code = \"x2\", parent = \"Index\" }]\n";

    fn unscored(data: &str) -> Vec<(String, Vec<String>, bool)> {
        let method = IndexMethod::parse(METHOD).unwrap();
        let outcome = method.run(data).unwrap();
        outcome.unscored().into_iter().map(|u| (u.code, u.times, u.constant)).collect()
    }

    #[test]
    fn an_indicator_without_variation_is_named() {
        let data = "uCode,Time,x1,x2\nA,2020,7,5\nB,2020,7,3\nC,2020,7,1\n";
        assert_eq!(unscored(data), [("x1".to_owned(), Vec::new(), true)]);
        assert_eq!(unscored(&data.replace("A,2020,7", "A,2020,8")), []);
    }

    #[test]
    fn in_a_panel_the_times_are_named() {
        let data = "uCode,Time,x1,x2\nA,2020,7,5\nB,2020,7,3\nA,2021,7,1\nB,2021,8,2\n";
        // All times on one scale: there is a difference.
        assert_eq!(unscored(data), []);
        let apart = METHOD.replace("upper = 100 }", "upper = 100, together = false }");
        let outcome = IndexMethod::parse(&apart).unwrap().run(data).unwrap();
        let [x1] = &outcome.unscored()[..] else { panic!("{:?}", outcome.unscored()) };
        assert_eq!(
            (x1.code.as_str(), x1.times.as_slice(), x1.constant),
            ("x1", &["2020".to_owned()][..], true)
        );
    }
}
