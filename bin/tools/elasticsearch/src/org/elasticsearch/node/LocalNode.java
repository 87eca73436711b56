package org.elasticsearch.node;

import java.util.List;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.plugins.GivenPlugins;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.plugins.PluginsService;

/** A node whose modules are named in code. It stands in this package because what it calls is package-private. */
public final class LocalNode extends Node {

    public LocalNode(Environment environment, List<Class<? extends Plugin>> plugins) {
        super(NodeConstruction.prepareConstruction(environment, new Given(plugins), true));
    }

    private static final class Given extends NodeServiceProvider {
        private final List<Class<? extends Plugin>> plugins;

        Given(List<Class<? extends Plugin>> plugins) {
            this.plugins = plugins;
        }

        @Override
        PluginsService newPluginService(Environment environment, Settings settings) {
            return new GivenPlugins(environment, settings, plugins);
        }
    }
}
