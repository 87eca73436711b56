"""Words that say little of what somebody looks for, by language, folded.

They count in texts and in phrases. In a query they are left out while other words remain.
"""

from collections.abc import Mapping
from typing import Final

_TEXTS: Final = {
    "de": """
        aber als also am an auch auf aus bei beim bin bis bist da damit dann das dass dein dem den
        denn der des dessen die dies diese dieser dieses dir doch du durch ein eine einem einen
        einer eines er es euch fur haben hat hatte ich ihm ihn ihr ihre im in ist ja kann kein keine
        man mein mich mir mit nach nicht noch nun nur ob oder ohne sehr sein seine sich sie sind so
        uber um und uns unter vom von vor wann war warum was wegen weil welche welcher wenn wer
        werden wie wieder wir wird wo wurde zu zum zur
    """,
    "en": """
        a about above after again all also am an and any are aren't as at be because been before
        being below between both but by can can't cannot could couldn't did didn't do does doesn't
        doing don't down during each few for from further had has have having he her here hers him
        his how i i'd i'll i'm i've if in into is isn't it its just let me more most my no nor not
        of off on once only or other our out over own same she should so some such than that the
        their them then there these they this those through to too under until up us very was we
        were what when where which while who whom why will with would you your
    """,
    "es": """
        a al algo como con cual cuando de del desde donde e el ella ellas ellos en entre era es esa
        ese eso esta este esto fue ha hay la las le les lo los mas me mi mis muy no nos o para pero
        por porque que quien se ser si sin sobre son su sus te tu tus un una unas uno unos y ya yo
    """,
    "fr": """
        a ai as au aux avec avez avons c ce ceci cela ces cet cette ceux chez ci comme comment d
        dans de des donc dont du elle elles en es est et ete etre eu il ils j je l la le les leur
        leurs lui ma mais me mes moi mon n ne nos notre nous on ont ou par pas plus pour pourquoi qu
        quand que quel quelle quelles quels qui quoi s sa sans se ses si son sont sur ta te tes toi
        ton tu un une vos votre vous y
    """,
    "it": """
        a ad ai al alla alle allo anche c che chi ci come con cosa da dai dal dalla dei del della
        delle di dove e ed gli ha ho i il in io l la le lo loro lui ma mi ne nei nel nella no noi
        non o per perche piu quale quando quella quello questa questo se si sono su sua sue sul
        sulla suo tra un una uno vi voi
    """,
    "nl": """
        aan al als bij dan dat de deze die dit door een en er haar had heb heeft hem het hij hoe hun
        ik in is je kan maar me met mijn na naar niet nog nu of om ons ook op over te tot uit van
        veel voor waar waarom wanneer was wat we wel welke werd wie wij worden zal ze zich zij zijn
        zo
    """,
    "pt": """
        a ao aos as com como da das de do dos e ela elas ele eles em entre era esta este eu foi ha
        isso isto ja mais mas me meu minha muito na nao nas no nos o onde os ou para pela pelo por
        porque qual quando que quem sao se sem ser seu sua tem um uma voce
    """,
}

STOP_WORDS: Final[Mapping[str, frozenset[str]]] = {
    language: frozenset(text.split()) for language, text in _TEXTS.items()
}
