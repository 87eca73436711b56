package galley;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.apache.lucene.analysis.CharArraySet;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.compound.DictionaryCompoundWordTokenFilter;
import org.apache.lucene.analysis.snowball.SnowballFilter;
import org.apache.lucene.analysis.util.ElisionFilter;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.index.analysis.Analysis;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;

/**
 * The token filters that our mapping uses, under the names and settings that Elasticsearch documents.
 *
 * A distribution has them in its module analysis-common, which is not published as a jar; the work is done by
 * Lucene's own filters in both.
 */
public final class LanguageAnalysis extends Plugin implements AnalysisPlugin {

    /** Stemmers that Lucene names otherwise; any other language has a Snowball stemmer of its name. */
    private static final Map<String, String> STEMMERS = Map.ofEntries(
        Map.entry("english", "porterStem"),
        Map.entry("possessive_english", "englishPossessive"),
        Map.entry("light_english", "kStem"),
        Map.entry("light_german", "germanLightStem"),
        Map.entry("minimal_german", "germanMinimalStem"),
        Map.entry("light_french", "frenchLightStem"),
        Map.entry("light_spanish", "spanishLightStem"),
        Map.entry("light_italian", "italianLightStem"),
        Map.entry("light_portuguese", "portugueseLightStem"),
        Map.entry("light_swedish", "swedishLightStem"),
        Map.entry("light_norwegian", "norwegianLightStem"),
        Map.entry("light_finnish", "finnishLightStem"),
        Map.entry("light_hungarian", "hungarianLightStem"),
        Map.entry("light_russian", "russianLightStem"),
        Map.entry("czech", "czechStem"),
        Map.entry("bulgarian", "bulgarianStem"),
        Map.entry("greek", "greekStem"),
        Map.entry("latvian", "latvianStem"),
        Map.entry("arabic", "arabicStem"),
        Map.entry("hindi", "hindiStem"),
        Map.entry("indonesian", "indonesianStem"));

    private record Filter(String name, UnaryOperator<TokenStream> wrap) implements TokenFilterFactory {
        @Override
        public TokenStream create(TokenStream stream) {
            return wrap.apply(stream);
        }
    }

    @Override
    public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
        Map<String, AnalysisProvider<TokenFilterFactory>> filters = new TreeMap<>();
        for (String name : Set.of("lowercase", "trim")) {
            filters.put(name, lucene(name, Map.of()));
        }
        filters.put("cjk_width", lucene("cjkWidth", Map.of()));
        filters.put("cjk_bigram", lucene("cjkBigram", Map.of()));
        filters.put("decimal_digit", lucene("decimalDigit", Map.of()));
        filters.put("german_normalization", lucene("germanNormalization", Map.of()));
        filters.put("greek_lowercase", lucene("greekLowercase", Map.of()));
        filters.put("asciifolding", lucene("asciiFolding", Map.of("preserve_original", "preserveOriginal")));
        filters.put("edge_ngram", AnalysisPlugin.requiresAnalysisSettings(lucene("edgeNGram",
            Map.of("min_gram", "minGramSize", "max_gram", "maxGramSize", "preserve_original", "preserveOriginal"))));
        filters.put("stemmer", (index, environment, name, settings) -> stemmer(name, settings.get("language", "english")));
        filters.put("elision", AnalysisPlugin.requiresAnalysisSettings(fromWords(
            (environment, settings) -> Analysis.parseArticles(environment, settings),
            (words, settings) -> stream -> new ElisionFilter(stream, words))));
        filters.put("dictionary_decompounder", AnalysisPlugin.requiresAnalysisSettings(fromWords(
            (environment, settings) -> Analysis.getWordSet(environment, settings, "word_list"),
            LanguageAnalysis::decompounder)));
        return filters;
    }

    /** A filter of Lucene's by its own name; `options` says what Elasticsearch's settings are called there. */
    private static AnalysisProvider<TokenFilterFactory> lucene(String name, Map<String, String> options) {
        return (index, environment, ours, settings) -> {
            Map<String, String> given = new HashMap<>();
            options.forEach((setting, option) -> {
                if (settings.hasValue(setting)) {
                    given.put(option, settings.get(setting));
                }
            });
            return made(ours, name, given);
        };
    }

    private static TokenFilterFactory made(String ours, String name, Map<String, String> options) {
        return new Filter(ours, org.apache.lucene.analysis.TokenFilterFactory.forName(name, new HashMap<>(options))::create);
    }

    private static TokenFilterFactory stemmer(String ours, String language) {
        String name = STEMMERS.get(language);
        if (name != null) {
            return made(ours, name, Map.of());
        }
        String snowball = language.substring(0, 1).toUpperCase(Locale.ROOT) + language.substring(1);
        return new Filter(ours, stream -> new SnowballFilter(stream, snowball));
    }

    private interface Words {
        CharArraySet read(Environment environment, Settings settings);
    }

    private interface Maker {
        UnaryOperator<TokenStream> make(CharArraySet words, Settings settings);
    }

    private static AnalysisProvider<TokenFilterFactory> fromWords(Words source, Maker maker) {
        return (index, environment, name, settings) -> {
            CharArraySet words = source.read(environment, settings);
            if (words == null) {
                throw new IllegalArgumentException("token filter [" + name + "] needs a list of words");
            }
            return new Filter(name, maker.make(words, settings));
        };
    }

    private static UnaryOperator<TokenStream> decompounder(CharArraySet words, Settings settings) {
        int word = settings.getAsInt("min_word_size", 5);
        int shortest = settings.getAsInt("min_subword_size", 2);
        int longest = settings.getAsInt("max_subword_size", 15);
        boolean onlyLongest = settings.getAsBoolean("only_longest_match", false);
        return stream -> new DictionaryCompoundWordTokenFilter(stream, words, word, shortest, longest, onlyLongest);
    }
}
