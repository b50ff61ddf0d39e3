import { Empty } from "../ui/notice";
import { Page } from "../ui/page";

export default function Labels() {
  return (
    <Page title="Tags">
      <Empty icon="tag" title="Nothing here yet" />
    </Page>
  );
}
