//! Names in a scenario: which places they mean, and what is near to a name that means none.

use crate::Instance;

/// The place that a name means: by its name, or by its code (a P-code, or ISO 3166-1 for a country of asylum).
pub(super) fn place(instance: &Instance, name: &str) -> Option<usize> {
    let name = name.trim();
    let by = |key: &str| {
        instance.locations.iter().position(|l| l.attributes.get(key).is_some_and(|code| code == name))
    };
    instance.place(name).or_else(|| by("code"))
}

/// All places of a region.
pub(super) fn region(instance: &Instance, name: &str) -> Vec<usize> {
    let name = name.trim();
    (0..instance.locations.len()).filter(|p| instance.locations[*p].region == name).collect()
}

/// A country as the instance calls it, by that name or by the ISO code of a place in it.
pub(super) fn country(instance: &Instance, name: &str) -> Option<String> {
    let name = name.trim();
    let of = |l: &&crate::Location| {
        l.country == name || l.attributes.get("country_code").is_some_and(|code| code == name)
    };
    instance.locations.iter().find(of).map(|l| l.country.clone())
}

/// Names near to one that was not found, in words to end a message with.
pub(super) fn near<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> String {
    let wanted = bare(name);
    let mut all: Vec<(usize, &str)> =
        known.filter(|k| !k.is_empty()).map(|k| (distance(&wanted, &bare(k)), k)).collect();
    all.sort_unstable();
    all.dedup();
    let close = (wanted.chars().count() / 2).max(2);
    let names = |some: &[(usize, &str)]| some.iter().map(|(_, k)| *k).collect::<Vec<&str>>().join(", ");
    match all.iter().take(3).take_while(|(far, _)| *far <= close).count() {
        0 if all.len() > 8 => format!("; there are {} and {} more", names(&all[..8]), all.len() - 8),
        0 => format!("; there are {}", names(&all)),
        some => format!("; near to it: {}", names(&all[..some])),
    }
}

/// Letters and digits alone, in lower case.
fn bare(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// How many letters must be put in, left out or changed to get from one name to the other.
fn distance(one: &str, two: &str) -> usize {
    let two: Vec<char> = two.chars().collect();
    let mut row: Vec<usize> = (0..=two.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, b) in two.iter().enumerate() {
            let changed = before + usize::from(a != *b);
            before = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(before + 1);
        }
    }
    row[two.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_listed_and_otherwise_what_there_is() {
        let known = ["Idleb", "Aleppo", "Hama", "Homs"];
        assert_eq!(near("Idlib", known.into_iter()), "; near to it: Idleb");
        assert_eq!(near("Hims", known.into_iter()), "; near to it: Homs, Hama");
        assert_eq!(near("Utrecht Overvecht", ["Idleb"].into_iter()), "; there are Idleb");
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
