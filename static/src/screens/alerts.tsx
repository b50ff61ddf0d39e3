import { Empty } from "../ui/notice";
import { Page } from "../ui/page";

export default function Alerts() {
  return (
    <Page title="Alerts">
      <Empty icon="bell" title="Nothing here yet" />
    </Page>
  );
}
